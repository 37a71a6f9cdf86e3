package dev.kelvin.e2e;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The node's image as its pods run it: not root, on a read-only root file system. */
class NodeImageIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  /** With a cache that does not fit its JVM and options, a JVM with this option does not start. */
  @Test
  void itStartsWithTheCacheThatWasTrainedForIt() {
    SCENARIO.kubectl(
        """
        apply -f - <<'END'
        apiVersion: v1
        kind: Pod
        metadata:
          name: version
        spec:
          restartPolicy: Never
          automountServiceAccountToken: false
          securityContext:
            runAsNonRoot: true
            seccompProfile: {type: RuntimeDefault}
          containers:
          - name: kelvin
            image: %s
            args: [--version]
            env: [{name: JDK_JAVA_OPTIONS, value: "-XX:AOTMode=on -Xmx128m"}]
            securityContext:
              allowPrivilegeEscalation: false
              readOnlyRootFilesystem: true
              capabilities: {drop: [ALL]}
        END
        """
            .formatted(Kubernetes.image("node")));
    SCENARIO.kubectl("wait pod/version --for=jsonpath={.status.phase}=Succeeded --timeout=60s");
    Await.until(
        "its version is told",
        Duration.ofSeconds(10),
        () -> SCENARIO.kubectl("logs version"),
        said -> said.contains("kelvin " + Project.version()));
  }
}
