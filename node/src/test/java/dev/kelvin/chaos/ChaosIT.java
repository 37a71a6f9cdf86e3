package dev.kelvin.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** A little of what {@code make chaos} does at length. */
class ChaosIT {
  private static final int SECONDS = 8;
  private static final Path DIRECTORY = Path.of("target", "chaos");

  @Test
  void faultsOfAFixedSeedLeaveNoTrace() throws Exception {
    assertEquals(List.of(), new ChaosRun(4, SECONDS, DIRECTORY, false, System.out).run());
  }

  @Test
  void faultsOfAFreshSeedLeaveNoTrace() throws Exception {
    long seed = ThreadLocalRandom.current().nextLong(1_000_000_000L);
    assertEquals(List.of(), new ChaosRun(seed, SECONDS, DIRECTORY, false, System.out).run());
  }
}
