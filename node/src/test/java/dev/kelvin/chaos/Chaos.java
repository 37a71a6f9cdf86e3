package dev.kelvin.chaos;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Chaos from the command line: {@code --seconds N [--seed N] [--keep true]}, in the directory of
 * the node module. {@code --keep} leaves logs and data behind even when nothing was wrong. Exit
 * code 0 when nothing was wrong.
 */
public final class Chaos {
  private static final String USAGE = "usage: --seconds COUNT [--seed NUMBER] [--keep true]";

  private Chaos() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    long seed = ThreadLocalRandom.current().nextLong(1_000_000_000L);
    int seconds = 0;
    boolean keep = false;
    for (int i = 0; i + 1 < args.length; i += 2) {
      switch (args[i]) {
        case "--seconds" -> seconds = Math.toIntExact(number(args[i + 1]));
        case "--seed" -> seed = number(args[i + 1]);
        case "--keep" -> keep = Boolean.parseBoolean(args[i + 1]);
        default -> usage("unknown option " + args[i]);
      }
    }
    if (args.length % 2 != 0 || seconds <= 0) {
      usage("a number of seconds is needed");
    }
    var violations =
        new ChaosRun(seed, seconds, Path.of("target", "chaos"), keep, System.out).run();
    System.exit(violations.isEmpty() ? 0 : 1);
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
