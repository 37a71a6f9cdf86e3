package dev.kelvin.bench;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;

/** A million keys of 64 bytes with values of 1 KiB: memory, and the time a restart takes. */
final class Million {
  private static final int KEYS = 1_000_000;
  private static final int KEY_LENGTH = 64;
  private static final int VALUE_LENGTH = 1024;
  private static final double MEMORY_LIMIT_MIB = 1024;
  private static final double RESTART_LIMIT_MILLIS = 5000;

  private Million() {}

  /** Fills each cluster, which serves and is empty, and adds to {@code verdicts}. */
  static void run(
      LocalCluster etcd,
      LocalCluster kelvin,
      Comparison.Settings settings,
      Verdicts verdicts,
      PrintWriter progress) {
    var memory = new double[2];
    var restart = new double[2];
    var clusters = List.of(etcd, kelvin);
    for (int i = 0; i < clusters.size(); i++) {
      var cluster = clusters.get(i);
      progress.printf("%s: writing a million keys%n", cluster.title());
      progress.flush();
      var plan =
          new Load.Plan(
              Op.FILL,
              KEYS,
              KEY_LENGTH,
              VALUE_LENGTH,
              settings.clients(),
              0,
              Duration.ZERO,
              Duration.ZERO,
              cluster.pids());
      try (var connections = new Connections(cluster.endpoints(), settings.connections())) {
        Load.run(plan, connections);
      }
      memory[i] = Comparison.largestMib(cluster);
      int node = (cluster.leader() + 1) % LocalCluster.NODES;
      cluster.nodes.get(node).stop();
      cluster.restart(node);
      restart[i] = cluster.awaitServing(node).toMillis();
    }
    verdicts.under(
        "1 million keys, memory of the largest node, MiB",
        memory[0],
        memory[1],
        MEMORY_LIMIT_MIB,
        0);
    verdicts.under(
        "1 million keys, restart to serving, ms", restart[0], restart[1], RESTART_LIMIT_MILLIS, 0);
  }
}
