package dev.kelvin.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real nodes under load, killed without warning. */
class CrashIT {
  private static final int WRITERS = 16;

  @TempDir Path dir;

  @Test
  void theLeaderKilledUnderLoadLosesNothingAndStopsNothing() throws Exception {
    try (var cluster = LocalCluster.start(dir);
        var writers = new Writers(cluster.nodes, WRITERS)) {
      for (int round = 0; round < 2; round++) {
        awaitWrites(cluster, writers, 500);
        var leader = cluster.leader();
        writers.takeLongestGapMillis();
        leader.kill();
        awaitWrites(cluster, writers, 200);
        long gap = writers.takeLongestGapMillis();
        System.out.println("leader killed: no write acknowledged for " + gap + " ms");
        assertTrue(gap < 2000, "no write was acknowledged for " + gap + " ms");
        leader.start().awaitReady();
      }
      writers.stop();
      assertEquals(0, writers.failedRequests.get(), "requests that failed for 5 s");
      for (var node : cluster.nodes) {
        assertEquals(List.of(), writers.missing(node), "missing on " + node.name);
      }
      cluster.awaitEqualHashes();
    }
  }

  @Test
  void allNodesKilledUnderLoadLoseNothing() throws Exception {
    try (var cluster = LocalCluster.start(dir);
        var writers = new Writers(cluster.nodes, WRITERS)) {
      awaitWrites(cluster, writers, 1000);
      for (var node : cluster.nodes) {
        node.kill();
      }
      writers.stop();
      for (var node : cluster.nodes) {
        node.start();
      }
      cluster.nodes.forEach(NodeProcess::awaitReady);
      for (var node : cluster.nodes) {
        assertEquals(List.of(), writers.missing(node), "missing on " + node.name);
      }
      cluster.awaitEqualHashes();
    }
  }

  private static void awaitWrites(LocalCluster cluster, Writers writers, int more) {
    long from = writers.acknowledgements.get();
    cluster
        .nodes
        .getFirst()
        .await(
            more + " more writes",
            Duration.ofSeconds(30),
            () -> writers.acknowledgements.get() >= from + more);
  }
}
