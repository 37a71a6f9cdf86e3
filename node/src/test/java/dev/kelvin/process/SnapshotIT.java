package dev.kelvin.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that was away for longer than the others keep their log. */
class SnapshotIT {
  private static final String[] SMALL_LOG = {
    "--log-segment-size", "1MiB", "--log-retention-size", "2MiB"
  };

  /** More than a log keeps behind what is durable, for followers that lag. */
  private static final int WRITES = 30_000;

  @TempDir Path dir;

  @Test
  void aNodeTooFarBehindTheLogIsFedASnapshotWhileTheOthersServe() throws Exception {
    try (var cluster = LocalCluster.start(dir, SMALL_LOG)) {
      var late = cluster.nodes.stream().filter(node -> !node.leads()).findFirst().orElseThrow();
      late.kill();
      var others = cluster.nodes.stream().filter(node -> node != late).toList();
      try (var writers = new Writers(others, 64)) {
        late.await(
            WRITES + " writes",
            Duration.ofSeconds(60),
            () -> writers.acknowledgements.get() >= WRITES);
        late.start(SMALL_LOG).awaitReady();
        writers.stop();
        assertEquals(0, writers.failedRequests.get(), "requests that failed for 5 s");
        assertTrue(late.output().contains("took over a snapshot"), late.output());
        assertEquals(List.of(), writers.missing(late), "missing on " + late.name);
      }
      cluster.awaitEqualHashes();
    }
  }
}
