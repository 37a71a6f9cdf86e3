package dev.kelvin.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.bench.Ledger.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
  @TempDir private Path folder;

  @Test
  void readsBackWhatWasAcknowledgedAndLeavesOutALineCutShort() throws IOException {
    Path file = folder.resolve("ledger");
    try (var ledger = new Ledger(file)) {
      ledger.acknowledged("ledger/x/0/0", "0", 7);
      ledger.acknowledged("ledger/x/0/1", "1", 9);
    }
    Files.writeString(file, "ledger/x/0/2 2 1", StandardOpenOption.APPEND);
    assertEquals(
        Map.of("ledger/x/0/0", new Entry("0", 7), "ledger/x/0/1", new Entry("1", 9)),
        Ledger.read(file));
  }

  @Test
  void refusesAFileThatIsNoLedger() throws IOException {
    Path file = Files.writeString(folder.resolve("other"), "hello\n");
    assertThrows(IllegalArgumentException.class, () -> Ledger.read(file));
  }

  @Test
  void anAcknowledgedWriteThatIsGoneFails() {
    var verdict = Ledger.verify(Map.of("a", new Entry("1", 5), "b", new Entry("2", 6)), Map.of());
    assertEquals(2, verdict.missing());
    assertFalse(verdict.holds());
  }

  @Test
  void anotherValueOrAnEarlierRevisionFails() {
    var acknowledged = Map.of("a", new Entry("1", 5), "b", new Entry("2", 6));
    var held = Map.of("a", new Entry("other", 5), "b", new Entry("2", 4));
    var verdict = Ledger.verify(acknowledged, held);
    assertEquals(2, verdict.different());
    assertEquals(0, verdict.missing());
    assertFalse(verdict.holds());
  }

  @Test
  void aWriteRepeatedLaterAndOneOfUnknownOutcomeAreNoFault() {
    var held = Map.of("a", new Entry("1", 8), "unknown", new Entry("2", 9));
    var verdict = Ledger.verify(Map.of("a", new Entry("1", 5)), held);
    assertTrue(verdict.holds());
    assertEquals(1, verdict.unrecorded());
  }

  @Test
  void theLongestGapCountsTheStartAndOverlooksAnswersOutOfOrder() {
    var gap = new SteadyWriters.Gap(0);
    gap.acknowledged(40);
    gap.acknowledged(50);
    gap.acknowledged(45);
    gap.acknowledged(70);
    assertEquals(Duration.ofNanos(40), gap.longest());
  }
}
