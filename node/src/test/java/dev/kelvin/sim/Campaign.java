package dev.kelvin.sim;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;

/** Many runs, and what they amount to. */
final class Campaign {
  private static final int THREADS = 2;
  private static final int FAILURES_TOLD = 5;

  private final PrintStream out;
  private final Tally total = new Tally();
  private final List<Simulation.Result> failures = new ArrayList<>();
  private long runs;
  private long simulatedMicros;

  Campaign(PrintStream out) {
    this.out = out;
  }

  /** Runs every seed, two at a time; each run is a world of its own. */
  void run(LongStream seeds) throws InterruptedException {
    try (var threads = Executors.newFixedThreadPool(THREADS)) {
      var pending = new ArrayList<Future<Simulation.Result>>();
      for (Iterator<Long> i = seeds.iterator(); i.hasNext(); ) {
        long seed = i.next();
        pending.add(threads.submit(() -> Simulation.run(seed)));
      }
      for (var future : pending) {
        add(future.get());
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("the simulator itself failed", e.getCause());
    }
  }

  private void add(Simulation.Result result) {
    runs++;
    simulatedMicros += result.time();
    total.add(result.tally());
    if (result.violation() != null) {
      failures.add(result);
      if (failures.size() <= FAILURES_TOLD) {
        tell(result);
      }
    }
  }

  /** Says what went wrong, after what, and how to see it again. */
  void tell(Simulation.Result result) {
    out.printf("%nseed %d FAILED, last lines of its trace:%n", result.seed());
    result.end().forEach(line -> out.println("  " + line));
    out.println(result.violation().getMessage());
    if (result.violation().getCause() != null) {
      result.violation().getCause().printStackTrace(out);
    }
    out.printf("replay: make sim SEED=%d%n%n", result.seed());
  }

  long failures() {
    return failures.size();
  }

  List<Happening> never() {
    return total.never();
  }

  void report() {
    out.printf(
        "%d simulated runs, %d failures, %,d simulated seconds%n",
        runs, failures.size(), simulatedMicros / Scheduler.SECOND);
    out.print(total.table());
    for (var happening : never()) {
      out.println("NEVER HAPPENED: " + happening.text());
    }
    for (var failure : failures) {
      out.printf("failed: %s: make sim SEED=%d%n", failure.violation().check(), failure.seed());
    }
  }
}
