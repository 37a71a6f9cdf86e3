# All images, by build target. The build context is what bin/image gathers from `mvn package`; build them with it:
#   make image
# Written for every builder, also the one without BuildKit.
ARG JRE=eclipse-temurin:25-jre

FROM ${JRE} AS base
# A number, so that Kubernetes can tell that it is not root.
USER 65532:65532

# ---- the operator of KvClusters
FROM base AS operator
COPY operator/ /opt/kelvin-operator/
EXPOSE 8080
# Small and mostly waiting: the serial collector, a heap of three tenths of what the container may have, and the quick
# compiler alone: with the other one, and half for the heap, 256 MiB were not enough for twelve clusters at once.
ENV MALLOC_ARENA_MAX=2
ENTRYPOINT ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:MaxRAMPercentage=30", "-XX:+ExitOnOutOfMemoryError", \
     "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", \
     "-Dsun.net.inetaddr.ttl=1", "-Djava.util.logging.manager=org.jboss.logmanager.LogManager", \
     "-jar", "/opt/kelvin-operator/quarkus-run.jar"]

# ---- what writes and checks in end-to-end tests
FROM base AS client
COPY client/ /opt/kelvin-check/
ENV JDK_JAVA_OPTIONS="-XX:+UseSerialGC -Xmx128m -Dsun.net.inetaddr.ttl=1 --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
ENTRYPOINT ["java", "-jar", "/opt/kelvin-check/kelvin-check.jar"]

# ---- a node
FROM base AS node
# All that it ever writes to: a volume made here by Docker gets this owner.
COPY --chown=65532:65532 data/ /var/lib/kelvin/
COPY node/ /opt/kelvin/
# The command line: `kubectl exec POD -- kelvin status`.
COPY cli/ /opt/kelvin-cli/
# What every start of this build by this very JVM needs: RocksDB's library as a file (the root file system is read-only
# later), and classes as a node uses them. Another JVM or another collector would start without, and slower.
USER 0:0
RUN ["java", "@/opt/kelvin/jvm.options", "-XX:Flags=/opt/kelvin/jvm.flags", \
     "-XX:+UnlockDiagnosticVMOptions", "-XX:-AOTRecordTraining", \
     "-Xlog:aot*=error,cds*=error", "-XX:AOTCacheOutput=/opt/kelvin/kelvin.aot", \
     "-jar", "/opt/kelvin/kelvin.jar", "train", "/opt/kelvin/native"]
RUN ["java", "@/opt/kelvin-cli/jvm.options", "-XX:AOTCacheOutput=/opt/kelvin-cli/kelvin-cli.aot", \
     "-cp", "/opt/kelvin-cli/kelvin-cli.jar", "dev.kelvin.cli.Rehearsal"]
RUN ["ln", "-s", "/opt/kelvin-cli/kelvin", "/usr/local/bin/kelvin"]
USER 65532:65532
# glibc's arenas would hold memory that RocksDB has given back.
ENV MALLOC_ARENA_MAX=2 \
    KELVIN_DATA_DIR=/var/lib/kelvin
EXPOSE 2379 2380 2381
# -XX:Flags is read first: options in JDK_JAVA_OPTIONS win over its memory sizes.
ENTRYPOINT ["java", "@/opt/kelvin/jvm.options", "-XX:Flags=/opt/kelvin/jvm.flags", \
     "-XX:AOTCache=/opt/kelvin/kelvin.aot", "-Djava.library.path=/opt/kelvin/native", \
     "-jar", "/opt/kelvin/kelvin.jar"]
CMD ["server"]
