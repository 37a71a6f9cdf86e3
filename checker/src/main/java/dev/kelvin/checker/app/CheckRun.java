package dev.kelvin.checker.app;

import dev.kelvin.checker.Answer;
import dev.kelvin.checker.Linearizability;
import dev.kelvin.checker.Operation;
import dev.kelvin.checker.Operation.Answered;
import dev.kelvin.checker.Request;
import dev.kelvin.checker.RoundHistory;
import dev.kelvin.checker.Violation;
import dev.kelvin.checker.client.Acknowledgements;
import dev.kelvin.checker.client.Clients;
import dev.kelvin.checker.client.Counts;
import dev.kelvin.checker.client.Endpoints;
import dev.kelvin.checker.client.Patience;
import dev.kelvin.checker.client.Requests;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Clients that ask until told to end, in rounds. A round ends with the clients at rest and all its
 * keys read; while the next one goes on, its history is checked. So what is kept in memory, and
 * what a check has to search through, is a round's, however long the run. Nobody else may write to
 * the servers meanwhile.
 */
final class CheckRun {
  static final int FINE = 0;
  static final int VIOLATED = 1;

  /** Nothing was lost or wrong, but requests failed for as long as clients try. */
  static final int REQUESTS_FAILED = 3;

  /** A round in which so many writes have an unknown outcome ends: they are what is searched. */
  private static final int MOST_UNKNOWN = 20;

  /** A check must not hold up the rounds after it. */
  private static final int SEARCHES = 3;

  private static final long POLL_MILLIS = 50;

  /** Operations printed before and after one that a violation names. */
  private static final int AROUND = 8;

  private static final Pattern OPERATION = Pattern.compile("#(\\d+) ");

  /**
   * @param prefix of all keys of this run, and of no other's; ends with a slash
   * @param rate requests a second, of all clients together, at most
   * @param round how long one lasts
   * @param kept rounds whose keys stay to be looked at
   * @param patience of clients
   * @param lastPatience how long servers may take to answer again when the run is told to end
   */
  record Plan(
      String prefix,
      int clients,
      double rate,
      Duration round,
      int kept,
      Patience patience,
      Duration lastPatience) {}

  private final Plan plan;
  private final Endpoints endpoints;
  private final PrintWriter out;
  private final RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
  private final long began = System.nanoTime();
  private final AtomicInteger ids = new AtomicInteger();
  private final CountDownLatch over = new CountDownLatch(1);
  private final Counts counts = new Counts();
  private final EarlierRounds earlier = new EarlierRounds();
  private Acknowledgements acknowledgements = new Acknowledgements(began);

  /** Writes of earlier rounds that may yet be carried out. */
  private long pending;

  private Future<?> checked;
  private Violation violation;
  private int rounds;
  private int givenUp;
  private final AtomicInteger undecided = new AtomicInteger();

  CheckRun(Plan plan, Endpoints endpoints, PrintWriter out) {
    this.plan = plan;
    this.endpoints = endpoints;
    this.out = out;
  }

  /** Tells the run to end; from any thread. */
  void end() {
    over.countDown();
  }

  /**
   * Runs until told to end, or until something is wrong.
   *
   * @return exit code
   */
  int run() throws InterruptedException {
    try (var checking = Executors.newSingleThreadExecutor()) {
      try {
        look();
        tell("began: the servers answer");
        // What it took to connect is nobody's outage.
        acknowledgements = new Acknowledgements(System.nanoTime());
        while (over.getCount() > 0) {
          var round = round();
          awaitChecked();
          checked = checking.submit(() -> check(round));
        }
        awaitChecked();
        look();
      } catch (Violation e) {
        wrong(e);
      }
    }
    return report();
  }

  /** A round's history, and where it began. */
  private record Round(int number, long base, RoundHistory history) {}

  private Round round() throws InterruptedException {
    long base = look();
    int number = ++rounds;
    var requests = requests(number);
    var clients = clients(requests);
    long think = (long) (TimeUnit.SECONDS.toNanos(1) * plan.clients / plan.rate);
    clients.start(
        plan.clients, think, MOST_UNKNOWN, name -> RandomGenerator.of("L64X128MixRandom"));
    long end = System.nanoTime() + plan.round.toNanos();
    while (System.nanoTime() < end
        && clients.running()
        && !over.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
      // The condition says it all.
    }
    clients.stop();
    var keys = requests.everything();
    var last = askUntilAnswered(clients, keys);
    if (over.getCount() == 0) {
      acknowledgements.at(System.nanoTime());
    }
    account(clients);
    var history = clients.history();
    var round = new Round(number, base, new RoundHistory(base, history, pending));
    pending = Math.max(0, pending + round.history.undecided());
    earlier.add(keys, ((Answer.Range) last.answer()).kvs(), history);
    tell(
        "round %d: %d operations, %d of them writes of unknown outcome"
            .formatted(number, history.size(), clients.unknownWrites()));
    return round;
  }

  private Requests requests(int round) {
    return new Requests(plan.prefix + "%08d-".formatted(round), "", false);
  }

  private Clients clients(Requests requests) {
    return new Clients(
        endpoints,
        requests,
        plan.patience,
        ids,
        acknowledgements,
        error -> wrong(new Violation("error", error)));
  }

  /**
   * Looks at the keys of earlier rounds.
   *
   * @return the revision that they were looked at
   */
  private long look() {
    var all = new Requests(plan.prefix, "", false).everything();
    var from = earlier.oldest() == null ? all.key() : earlier.oldest().key();
    var clients = clients(requests(rounds));
    var found = askUntilAnswered(clients, new Request.Range(from, all.end(), 0, 0, false));
    earlier.compare(((Answer.Range) found.answer()).kvs());
    account(clients);
    return earlier.size() <= plan.kept ? found.revision() : forget(found.revision());
  }

  /** Deletes the keys of the oldest round. */
  private long forget(long revision) {
    var keys = earlier.oldest();
    var clients = clients(requests(rounds));
    var deleted = askUntilAnswered(clients, new Request.DeleteRange(keys.key(), keys.end(), false));
    earlier.forgetOldest();
    account(clients);
    return Math.max(revision, deleted.revision());
  }

  /**
   * @throws Violation when no server answers though the run was told to end
   */
  private Answered askUntilAnswered(Clients clients, Request request) {
    long deadline = Long.MAX_VALUE;
    while (true) {
      var op = clients.carryThrough("all", random, request);
      if (op.result() instanceof Answered answered) {
        return answered;
      }
      if (over.getCount() == 0) {
        deadline = Math.min(deadline, System.nanoTime() + plan.lastPatience.toNanos());
        if (violated() || System.nanoTime() >= deadline) {
          throw new Violation("no answer", "when told to end, no server answers:\n  " + op);
        }
      }
    }
  }

  private void account(Clients clients) {
    counts.add(clients.history());
    for (var op : clients.givenUp()) {
      givenUp++;
      tell("FAILED after retry: " + op);
    }
  }

  private void awaitChecked() throws InterruptedException {
    if (checked == null) {
      return;
    }
    try {
      checked.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the check itself failed", e.getCause());
    }
  }

  private void check(Round round) {
    try {
      round.history.check(SEARCHES);
    } catch (Violation e) {
      if (e.check().equals(Linearizability.UNDECIDED)) {
        undecided.incrementAndGet();
        tell("round %d: %s".formatted(round.number, e.getMessage()));
      } else if (wrong(e)) {
        tell(
            "in round %d, revision 1 of which is the servers' %d; the operations around:"
                .formatted(round.number, round.base));
        around(e, round.history.operations()).forEach(op -> out.println("  " + op));
        out.flush();
      }
    }
  }

  /** Operations that were called shortly before and after those that a violation names. */
  private static List<Operation> around(Violation violation, List<Operation> history) {
    var named = new TreeSet<Integer>();
    OPERATION
        .matcher(violation.getMessage())
        .results()
        .forEach(found -> named.add(Integer.parseInt(found.group(1))));
    var inOrder = new ArrayList<>(history);
    inOrder.sort((a, b) -> Long.compare(a.called(), b.called()));
    var near = new TreeSet<Integer>();
    for (int i = 0; i < inOrder.size(); i++) {
      if (named.contains(inOrder.get(i).id())) {
        for (int j = i - AROUND; j <= i + AROUND; j++) {
          near.add(Math.clamp(j, 0, inOrder.size() - 1));
        }
      }
    }
    return near.stream().map(inOrder::get).toList();
  }

  /** Whether this is the first that is wrong. */
  private synchronized boolean wrong(Violation found) {
    over.countDown();
    if (violation != null) {
      return false;
    }
    violation = found;
    tell("VIOLATION: " + found.getMessage());
    return true;
  }

  private synchronized boolean violated() {
    return violation != null;
  }

  private int report() {
    out.print(counts.table());
    out.print(Counts.line(rounds, "rounds"));
    out.print(Counts.line(undecided.get(), "rounds too confused to be decided"));
    out.print(Counts.line(givenUp, "requests failed after retry"));
    out.print(
        Counts.line(
            acknowledgements.longestMillis(),
            "ms at most without an acknowledged write, until %.1f s after the start"
                .formatted(acknowledgements.endedMillis() / 1000.0)));
    out.println(
        violated()
            ? "VIOLATED: " + violation.getMessage()
            : (undecided.get() == 0 ? "Linearizable" : "Linearizable as far as it was decided")
                + ", and every acknowledged write is there.");
    out.flush();
    return violated() ? VIOLATED : givenUp > 0 ? REQUESTS_FAILED : FINE;
  }

  private synchronized void tell(String text) {
    out.printf("%8.1f s  %s%n", (System.nanoTime() - began) / 1e9, text);
    out.flush();
  }
}
