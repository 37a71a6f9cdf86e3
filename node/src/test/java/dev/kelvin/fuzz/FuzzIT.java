package dev.kelvin.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** A little of what {@code make fuzz} does at length. */
class FuzzIT {
  private static final long FRAMES = 10_000;

  @Test
  void framesOfAFixedSeedDisturbNobody() throws Exception {
    assertEquals(List.of(), run(1));
  }

  @Test
  void framesOfAFreshSeedDisturbNobody() throws Exception {
    assertEquals(List.of(), run(ThreadLocalRandom.current().nextLong(1_000_000_000L)));
  }

  private static List<String> run(long seed) throws Exception {
    var doors = EnumSet.allOf(Door.class);
    var plan = new FuzzRun.Plan(seed, FRAMES, doors, 1, -1, -1, true, Path.of("target", "fuzz"));
    return new FuzzRun(plan, System.out).run();
  }
}
