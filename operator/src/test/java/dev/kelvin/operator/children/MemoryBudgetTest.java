package dev.kelvin.operator.children;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
  private static final long MIB = 1 << 20;

  @Test
  void halfAGibibyteLeavesHalfForAllThatIsNotGivenOut() {
    assertEquals(new MemoryBudget(192 * MIB, 32 * MIB, 32 * MIB), MemoryBudget.of(512 * MIB));
  }

  @Test
  void whatIsGivenOutNeverEatsWhatTheProcessTakesBesides() {
    for (long limit = 384 * MIB; limit <= 64L * 1024 * MIB; limit += 64 * MIB) {
      var budget = MemoryBudget.of(limit);
      long left = limit - budget.heap() - budget.memtable() - budget.cache();
      assertTrue(left >= 200 * MIB, limit / MIB + " MiB leave " + left / MIB);
    }
  }
}
