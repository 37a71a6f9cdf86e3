package dev.kelvin.differential;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The comparison with etcd from the command line: {@code --programs N [--seed N] [--shrink
 * SECONDS]}, in the directory of the node module. {@code --shrink} is for how long a failure is
 * made smaller. Exit code 0 when nothing differed.
 */
public final class Differential {
  private static final String USAGE = "usage: --programs COUNT [--seed NUMBER] [--shrink SECONDS]";

  private Differential() {}

  public static void main(String[] args) throws InterruptedException {
    long seed = ThreadLocalRandom.current().nextLong(1_000_000_000L);
    int programs = 0;
    long shrink = 300;
    for (int i = 0; i + 1 < args.length; i += 2) {
      switch (args[i]) {
        case "--programs" -> programs = Math.toIntExact(number(args[i + 1]));
        case "--seed" -> seed = number(args[i + 1]);
        case "--shrink" -> shrink = number(args[i + 1]);
        default -> usage("unknown option " + args[i]);
      }
    }
    if (args.length % 2 != 0 || programs <= 0) {
      usage("a number of programs is needed");
    }
    if (!Pair.etcdIsThere()) {
      System.err.println("make differential: needs etcd 3.7 on PATH");
      System.exit(2);
    }
    var failures =
        new DifferentialRun(seed, programs, Duration.ofSeconds(shrink), System.out).run();
    System.exit(failures.isEmpty() ? 0 : 1);
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      usage("not a number: " + text);
      throw e;
    }
  }

  private static void usage(String problem) {
    System.err.println(problem + "; " + USAGE);
    System.exit(2);
  }
}
