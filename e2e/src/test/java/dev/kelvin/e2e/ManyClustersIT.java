package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two clusters and ten small ones in one namespace: none notices the others. */
class ManyClustersIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  private static final String OPERATOR =
      "kubectl --namespace %s ".formatted(Kubernetes.OPERATOR_NAMESPACE);
  private static final Duration IDLE = Duration.ofMinutes(1);

  /** Of one core, with twelve clusters that need nothing. */
  private static final double IDLE_CPU = 0.05;

  @BeforeAll
  static void operator() {
    Kubernetes.get().withOperator();
  }

  @Test
  void twelveClustersAreFoundedAtOnceAndKeptApart() {
    var clusters = new TreeMap<String, Integer>();
    clusters.put("east", 3);
    clusters.put("west", 3);
    IntStream.range(0, 10).forEach(i -> clusters.put("small-" + i, 1));
    apply("east", 3);
    awaitSettled("east", 3);
    // Before the checker begins, who wants to be the only one that writes.
    Etcdctl.at(SCENARIO, "service/east-client", e -> e.run("put whose/east yes"));
    var checker = Checker.start(SCENARIO, "east");

    var before = Usage.seen();
    long applied = System.nanoTime();
    SCENARIO.kubectl(
        "apply -f - <<'END'\n%s\nEND"
            .formatted(
                clusters.entrySet().stream()
                    .map(c -> manifest(c.getKey(), c.getValue()))
                    .collect(Collectors.joining("\n---\n"))));
    clusters.forEach(ManyClustersIT::awaitSettled);
    var founded = Usage.seen();
    double founding = (System.nanoTime() - applied) / 1e9;

    var ids = clusters.keySet().stream().collect(Collectors.toMap(c -> c, ManyClustersIT::id));
    assertEquals(clusters.size(), ids.values().stream().distinct().count(), ids::toString);
    dataApart(clusters.keySet());

    var busy = Usage.seen();
    long since = System.nanoTime();
    Await.until(
        "a minute in which nothing is to be done",
        IDLE.multipliedBy(2),
        () -> System.nanoTime() - since,
        nanos -> nanos >= IDLE.toNanos());
    var idle = Usage.seen();
    double idleCpu = (idle.cpuSeconds - busy.cpuSeconds) / ((idle.nanos - busy.nanos) / 1e9);

    clusters.forEach(ManyClustersIT::awaitSettled);
    assertEquals(
        ids, clusters.keySet().stream().collect(Collectors.toMap(c -> c, ManyClustersIT::id)));
    System.out.printf(
        "eleven clusters (13 members) beside another: healthy %.1f s after kubectl apply, %.1f s of the operator's CPU%n",
        founding, founded.cpuSeconds - before.cpuSeconds);
    System.out.printf(
        "operator with twelve clusters: %d MiB resident (at most %d) of %d allowed, %.1f %% of a core over an idle minute%n",
        idle.residentMib, idle.mostMib, limitMib(), 100 * idleCpu);
    // Thirteen JVMs start at once: where they have two cores, a request may have to wait for long.
    System.out.println("twelve clusters: " + checker.finishAfterOutage());
    assertEquals(before.pod, idle.pod, "the operator ran through");
    assertTrue(idle.mostMib < 0.9 * limitMib(), "near its limit: " + idle);
    assertTrue(idleCpu < IDLE_CPU, "of a core: " + idleCpu);
  }

  private static String manifest(String name, int members) {
    return """
        apiVersion: kelvin.dev/v1alpha1
        kind: KvCluster
        metadata: {name: %s}
        spec: {replicas: %d, storage: {size: 1Gi}}
        """
        .formatted(name, members);
  }

  private static void apply(String name, int members) {
    SCENARIO.kubectl("apply -f - <<'END'\n%sEND".formatted(manifest(name, members)));
  }

  private static void awaitSettled(String name, int members) {
    new Cluster(SCENARIO, name).awaitSettled(members);
  }

  private static String id(String name) {
    return new Cluster(SCENARIO, name).status().clusterId();
  }

  /** Every cluster holds what was written to it, and nothing that was written to another. */
  private static void dataApart(Set<String> clusters) {
    var connections = new TreeMap<String, Etcdctl>();
    try {
      clusters.forEach(c -> connections.put(c, Etcdctl.to(SCENARIO, "service/" + c + "-client")));
      connections.forEach(
          (name, etcdctl) -> {
            if (!name.equals("east")) {
              etcdctl.run("put whose/%s yes".formatted(name));
            }
          });
      connections.forEach(
          (name, etcdctl) ->
              assertEquals(
                  "whose/%s\nyes\n".formatted(name), etcdctl.run("get --prefix whose/"), name));
    } finally {
      connections.values().forEach(Etcdctl::close);
    }
  }

  private static long limitMib() {
    var limit =
        Kubernetes.get()
            .shell()
            .run(
                OPERATOR
                    + "get deployment kelvin-operator --output jsonpath='{.spec.template.spec.containers[0].resources.limits.memory}'");
    assertTrue(limit.endsWith("Mi"), limit);
    return Long.parseLong(limit.replace("Mi", ""));
  }

  /**
   * What the operator's process has used, as the kernel counts.
   *
   * @param pod that it runs in, and how often it was started
   * @param mostMib resident at most so far
   */
  private record Usage(String pod, long nanos, double cpuSeconds, long residentMib, long mostMib) {
    private static final double TICKS_PER_SECOND = 100;

    static Usage seen() {
      var shell = Kubernetes.get().shell();
      var pod =
          shell.run(
              OPERATOR
                  + "get pod --selector app.kubernetes.io/name=kelvin-operator --output jsonpath='{range .items[*]}{.metadata.uid} {.status.containerStatuses[0].restartCount}{end}'");
      var said =
          shell.run(
              OPERATOR + "exec deployment/kelvin-operator -- cat /proc/1/stat /proc/1/status");
      var nanos = System.nanoTime();
      var stat = said.lines().findFirst().orElseThrow();
      var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return new Usage(
          pod,
          nanos,
          (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND,
          mib(said, "VmRSS"),
          mib(said, "VmHWM"));
    }

    private static long mib(String said, String field) {
      var matcher = Pattern.compile(field + ":\\s+(\\d+) kB").matcher(said);
      assertTrue(matcher.find(), said);
      return Long.parseLong(matcher.group(1)) / 1024;
    }
  }
}
