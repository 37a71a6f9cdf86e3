package dev.kelvin.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A little of what {@code make differential} does at length. */
class DifferentialIT {
  private static final int PROGRAMS = 30;
  private static final Duration SHRINKING = Duration.ofSeconds(40);

  @BeforeAll
  static void needsEtcd() throws InterruptedException {
    boolean there = Pair.etcdIsThere();
    if (!there) {
      System.out.println("*** NOT TESTED: etcd 3.7 is not on PATH: DifferentialIT ***");
    }
    assumeTrue(there, "etcd 3.7 is not on PATH");
  }

  @Test
  void programsOfAFixedSeedHaveTheSameAnswersFromEtcdAndKelvin() {
    assertEquals(List.of(), run(1));
  }

  @Test
  void programsOfAFreshSeedHaveTheSameAnswersFromEtcdAndKelvin() {
    assertEquals(List.of(), run(ThreadLocalRandom.current().nextLong(1_000_000_000L)));
  }

  private static List<String> run(long seed) {
    return new DifferentialRun(seed, PROGRAMS, SHRINKING, System.out).run();
  }
}
