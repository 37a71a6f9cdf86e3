package dev.kelvin.operator.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MemoryTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private final Memory memory = new Memory();

  @Test
  void silenceCountsFromTheFirstTryInARow() {
    memory.silent("a", NOON);
    assertEquals(NOON, memory.silent("a", NOON.plusSeconds(5)));
    memory.answered("a");
    assertEquals(NOON.plusSeconds(9), memory.silent("a", NOON.plusSeconds(9)));
  }

  @Test
  void podsThatAreGoneAreForgotten() {
    memory.silent("a", NOON);
    memory.silent("b", NOON);
    memory.keep(Set.of("b"));
    assertEquals(NOON.plusSeconds(1), memory.silent("a", NOON.plusSeconds(1)));
    assertEquals(NOON, memory.silent("b", NOON.plusSeconds(1)));
  }
}
