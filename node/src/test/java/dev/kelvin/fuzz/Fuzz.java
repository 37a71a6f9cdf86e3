package dev.kelvin.fuzz;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Fuzzing from the command line: {@code --frames N [--seed N] [--nodes N] [--doors
 * CACHE,JSON,HTTP]}, or {@code --seed N --session N [--prefix N]} for one session again, in the
 * directory of the node module. Exit code 0 when all was as it should be.
 */
public final class Fuzz {
  private static final String USAGE =
      "usage: --frames COUNT [--seed NUMBER] [--nodes COUNT] [--doors CACHE,JSON,HTTP]"
          + " | --seed NUMBER --session NUMBER [--prefix FRAMES]";

  private Fuzz() {}

  public static void main(String[] args) throws Exception {
    long seed = ThreadLocalRandom.current().nextLong(1_000_000_000L);
    long frames = 0;
    int nodes = 3;
    long session = -1;
    int prefix = -1;
    var doors = EnumSet.allOf(Door.class);
    for (int i = 0; i + 1 < args.length; i += 2) {
      switch (args[i]) {
        case "--frames" -> frames = number(args[i + 1]);
        case "--seed" -> seed = number(args[i + 1]);
        case "--nodes" -> nodes = Math.toIntExact(number(args[i + 1]));
        case "--session" -> session = number(args[i + 1]);
        case "--prefix" -> prefix = Math.toIntExact(number(args[i + 1]));
        case "--doors" -> doors = doors(args[i + 1]);
        default -> usage("unknown option " + args[i]);
      }
    }
    if (args.length % 2 != 0 || frames <= 0 && session < 0 || nodes < 1) {
      usage("a number of frames is needed");
    }
    var plan =
        new FuzzRun.Plan(
            seed, frames, doors, nodes, session, prefix, false, Path.of("target", "fuzz"));
    System.exit(new FuzzRun(plan, System.out).run().isEmpty() ? 0 : 1);
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      usage("not a number: " + text);
      throw e;
    }
  }

  private static EnumSet<Door> doors(String names) {
    var doors = EnumSet.noneOf(Door.class);
    for (var name : names.split(",")) {
      try {
        doors.add(Door.valueOf(name));
      } catch (IllegalArgumentException e) {
        usage("no door: " + name);
      }
    }
    return doors;
  }

  private static void usage(String problem) {
    System.err.println(problem + "; " + USAGE);
    System.exit(2);
  }
}
