package dev.kelvin.sim;

import java.util.ArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;

/**
 * The simulation from the command line: {@code --seeds N} fresh runs and a report, or {@code --seed
 * N} for one run again with its whole trace. Exit code 0 when nothing failed.
 */
public final class Simulate {
  private static final String USAGE = "usage: --seeds COUNT [--from FIRST] | --seed NUMBER";

  private Simulate() {}

  public static void main(String[] args) throws InterruptedException {
    if (args.length == 2 && args[0].equals("--seed")) {
      replay(number(args[1]));
    } else if (args.length == 2 && args[0].equals("--seeds")) {
      campaign(ThreadLocalRandom.current().nextLong(1_000_000_000_000L), number(args[1]));
    } else if (args.length == 4 && args[0].equals("--seeds") && args[2].equals("--from")) {
      campaign(number(args[3]), number(args[1]));
    } else {
      System.err.println(USAGE);
      System.exit(2);
    }
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      System.err.println("not a number: " + text + "; " + USAGE);
      System.exit(2);
      throw e;
    }
  }

  private static void replay(long seed) {
    var lines = new ArrayList<String>();
    var result = Simulation.run(seed, Sabotage.NONE, lines);
    lines.forEach(System.out::println);
    System.out.print(result.tally().table());
    System.out.printf("trace hash %016x%n", result.hash());
    if (result.violation() != null) {
      new Campaign(System.out).tell(result);
      System.exit(1);
    }
    System.out.printf("seed %d: nothing wrong%n", seed);
  }

  private static void campaign(long first, long seeds) throws InterruptedException {
    var campaign = new Campaign(System.out);
    campaign.run(LongStream.range(first, first + seeds));
    campaign.report();
    if (campaign.failures() > 0 || !campaign.never().isEmpty()) {
      System.exit(1);
    }
  }
}
