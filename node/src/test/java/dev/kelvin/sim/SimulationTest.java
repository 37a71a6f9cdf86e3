package dev.kelvin.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * A campaign in every build: half of its seeds are always the same, half are fresh. How many is
 * said by the system property {@code kelvin.sim.seeds}; {@code make sim} runs more.
 */
class SimulationTest {
  @Test
  void survivesEveryFaultWithoutLosingOrMisreadingAnything() throws InterruptedException {
    int seeds = Integer.getInteger("kelvin.sim.seeds", 150);
    long fresh = ThreadLocalRandom.current().nextLong(1_000_000_000_000L);
    var campaign = new Campaign(System.out);
    campaign.run(
        LongStream.concat(
            LongStream.rangeClosed(1, (seeds + 1) / 2),
            LongStream.range(fresh, fresh + seeds / 2)));
    campaign.report();
    assertEquals(0, campaign.failures(), "runs failed; see above for how to replay them");
    assertEquals(List.of(), campaign.never(), "kinds of fault that never happened");
  }

  @Test
  void replaysASeedExactly() {
    var first = new ArrayList<String>();
    var again = new ArrayList<String>();
    var one = Simulation.run(4711, Sabotage.NONE, first);
    var other = Simulation.run(4711, Sabotage.NONE, again);
    assertNull(one.violation());
    for (int i = 0; i < Math.min(first.size(), again.size()); i++) {
      assertEquals(first.get(i), again.get(i), "line " + i);
    }
    assertEquals(one.hash(), other.hash());
  }
}
