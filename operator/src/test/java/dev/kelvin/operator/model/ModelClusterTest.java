package dev.kelvin.operator.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operator.decide.Decide;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Lives of many clusters, each from a seed: the same ones every time. {@code
 * -Dkelvin.operator.seed=N} replays one; {@code -Dkelvin.operator.seeds=N} runs so many fresh ones.
 */
class ModelClusterTest {
  @Test
  void whateverHappensTheSpecIsReachedOrWaitedForAndNothingIsLost() {
    Long replay = Long.getLong("kelvin.operator.seed");
    if (replay != null) {
      new Scenario(replay, Decide::decide).run();
      return;
    }
    var fresh = Optional.ofNullable(Integer.getInteger("kelvin.operator.seeds"));
    var seeds =
        fresh.map(n -> new Random().longs(n)).orElseGet(() -> LongStream.range(0, 1000)).toArray();
    int reached = 0;
    for (long seed : seeds) {
      var scenario = new Scenario(seed, Decide::decide);
      scenario.run();
      if (scenario.operator.last.operation().isEmpty()) {
        reached++;
      }
    }
    assertTrue(
        reached > seeds.length * 3 / 4,
        "only %d of %d reached the spec".formatted(reached, seeds.length));
  }
}
