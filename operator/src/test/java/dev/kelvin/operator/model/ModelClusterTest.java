package dev.kelvin.operator.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operator.decide.Decide;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Lives of many clusters, each from a seed. {@code -Dkelvin.operator.seed=N} replays one; {@code
 * -Dkelvin.operator.seeds=N} runs more of them.
 */
class ModelClusterTest {
  @Test
  void whateverHappensTheSpecIsReachedOrWaitedForAndNothingIsLost() {
    Long replay = Long.getLong("kelvin.operator.seed");
    if (replay != null) {
      new Scenario(replay, Decide::decide).run();
      return;
    }
    int seeds = Integer.getInteger("kelvin.operator.seeds", 1500);
    var fresh = new Random();
    int reached = 0;
    for (int i = 0; i < seeds; i++) {
      // Half of them are the same every time.
      long seed = i % 2 == 0 ? i : fresh.nextLong();
      var scenario = new Scenario(seed, Decide::decide);
      scenario.run();
      if (scenario.operator.last.operation().isEmpty()) {
        reached++;
      }
    }
    assertTrue(reached > seeds * 3 / 4, "only " + reached + " reached the spec");
  }
}
