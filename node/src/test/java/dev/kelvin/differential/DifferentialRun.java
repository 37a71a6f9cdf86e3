package dev.kelvin.differential;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * Random programs on a real etcd and a real Kelvin node, side by side. Programs come in rounds:
 * each begins with fresh servers, and its programs follow each other on the same data, so that both
 * servers have the same revisions. Every round has a seed of its own, by which it runs again.
 */
final class DifferentialRun {
  static final int ROUND = 50;

  /** Rounds that fail until the run gives up. */
  private static final int ENOUGH = 10;

  private final long seed;
  private final int programs;
  private final Duration shrinking;
  private final PrintStream out;
  private final Coverage coverage = new Coverage();

  /** Differences reported already: later programs go on after their like. */
  private final List<Difference> reported = new ArrayList<>();

  private long repeated;

  /** Started ahead, while others are in use; null if none are. */
  private CompletableFuture<Pair> next;

  /**
   * @param shrinking for how long a failure is made smaller
   */
  DifferentialRun(long seed, int programs, Duration shrinking, PrintStream out) {
    this.seed = seed;
    this.programs = programs;
    this.shrinking = shrinking;
    this.out = out;
  }

  /** The failures, printed already. */
  List<String> run() {
    out.printf(
        "differential: %d programs, again by: make differential PROGRAMS=%d SEED=%d%n",
        programs, programs, seed);
    long begin = System.nanoTime();
    var failures = new ArrayList<String>();
    try {
      for (int done = 0; done < programs && failures.size() < ENOUGH; done += ROUND) {
        int count = Math.min(ROUND, programs - done);
        var failure = round(seedOf(done / ROUND), count, done + count < programs);
        if (failure != null) {
          out.println(failure);
          failures.add(failure);
        }
      }
    } finally {
      if (next != null) {
        next.join().close();
      }
    }
    coverage.print(out);
    if (programs >= 1000) {
      for (var name : coverage.unexplained()) {
        failures.add("never met, and no reason why: " + name);
        out.println(failures.getLast());
      }
    }
    out.printf(
        "differential: %d programs, %d differences (met again %d times), %d s%n",
        programs,
        failures.size(),
        repeated,
        Duration.ofNanos(System.nanoTime() - begin).toSeconds());
    return failures;
  }

  /** The first round's is the run's, so that every round runs again as a run of its own. */
  private long seedOf(int round) {
    return round == 0 ? seed : new Random(seed * 31 + round).nextLong(1_000_000_000_000L);
  }

  private String round(long roundSeed, int count, boolean more) {
    var seeds = new Random(roundSeed);
    var all = new ArrayList<Step>();
    var pair = fresh(more);
    try {
      var execution = new Execution(pair, coverage);
      for (int i = 0; i < count; i++) {
        var program = Generator.program(seeds.nextLong());
        all.addAll(program);
        var difference = execution.run(program, this::known);
        if (difference != null) {
          pair.close();
          pair = null;
          return report(roundSeed, i, program, all, difference);
        }
      }
      return null;
    } finally {
      if (pair != null) {
        pair.close();
      }
    }
  }

  private boolean known(Difference difference) {
    boolean known = reported.stream().anyMatch(difference::like);
    repeated += known ? 1 : 0;
    return known;
  }

  /**
   * Fresh servers.
   *
   * @param more whether others will be needed after them
   */
  private Pair fresh(boolean more) {
    var pair = next == null ? Pair.start() : next.join();
    next = more ? CompletableFuture.supplyAsync(Pair::start) : null;
    return pair;
  }

  /** As far as to a difference that was not reported yet. */
  private Difference runFresh(List<Step> steps) {
    try (var pair = fresh(true)) {
      return new Execution(pair, new Coverage())
          .run(steps, difference -> reported.stream().anyMatch(difference::like));
    }
  }

  private String report(
      long roundSeed, int program, List<Step> last, List<Step> all, Difference difference) {
    out.printf("program %d of round %d differs; making it smaller%n", program, roundSeed);
    var smallest = new Shrinker(this::runFresh, difference, shrinking).shrink(last, all);
    reported.add(difference);
    var text = new StringBuilder();
    text.append(
        "DIFFERENCE in program %d, again by: make differential PROGRAMS=%d SEED=%d%n"
            .formatted(program, program + 1, roundSeed));
    if (smallest == null) {
      text.append("  it did not show a second time; the whole program was:%n".formatted());
      smallest = new Shrinker.Failure(last, difference);
    }
    for (var step : smallest.steps()) {
      text.append("  ").append(print(step)).append('\n');
    }
    text.append("  etcd:   ").append(smallest.difference().etcd()).append('\n');
    text.append("  kelvin: ").append(smallest.difference().kelvin()).append('\n');
    return text.toString();
  }

  private static String print(Step step) {
    return switch (step) {
      case Step.Call call -> call.rpc().title + "  " + Symbols.print(call.request());
      case Step.Parts parts -> "KV/RangeStream  " + Symbols.print(parts.request());
      case Step.KeepAlive renewal -> "Lease/LeaseKeepAlive  " + Symbols.word(renewal.lease());
      case Step.AwaitEnd end -> "wait for the end of lease " + Symbols.word(end.lease());
      case Step.Watch watch ->
          "Watch/Watch on stream " + watch.stream() + "  " + Symbols.print(watch.request());
      case Step.End _ -> "all watches end";
    };
  }
}
