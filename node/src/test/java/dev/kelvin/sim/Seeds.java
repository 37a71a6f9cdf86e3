package dev.kelvin.sim;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Random sources of one run, one for each concern: a change in how one concern draws leaves what
 * the others draw as it was.
 */
public final class Seeds {
  private static final RandomGeneratorFactory<RandomGenerator> FACTORY =
      RandomGeneratorFactory.of("L64X128MixRandom");

  private final long seed;

  public Seeds(long seed) {
    this.seed = seed;
  }

  long seed() {
    return seed;
  }

  public RandomGenerator of(String concern) {
    return FACTORY.create(mix(seed * 0x9E3779B97F4A7C15L + concern.hashCode()));
  }

  /** Spreads close seeds far apart (the finalizer of SplitMix64). */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** A waiting time around a mean, exponentially distributed, never 0. */
  public static long around(RandomGenerator random, long mean) {
    return 1 + (long) (mean * random.nextExponential());
  }
}
