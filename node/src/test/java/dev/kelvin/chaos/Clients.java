package dev.kelvin.chaos;

import dev.kelvin.sim.Seeds;
import dev.kelvin.sim.checker.Operation;
import dev.kelvin.sim.checker.Operation.Answered;
import dev.kelvin.sim.checker.Operation.Result;
import dev.kelvin.sim.checker.Operation.Unknown;
import dev.kelvin.sim.checker.Request;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The clients of one round, one request at a time each. A client keeps to one node until that fails
 * it, tries again elsewhere for a while, and leaves every try in the history.
 */
final class Clients {
  private static final int CLIENTS = 6;
  private static final long THINK = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long TRY_MILLIS = 1000;
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(5);
  private static final long FIRST_BACK_OFF = TimeUnit.MILLISECONDS.toNanos(25);
  private static final long LONGEST_BACK_OFF = TimeUnit.MILLISECONDS.toNanos(400);

  private final Supplier<List<Endpoint>> endpoints;
  private final AtomicInteger ids;
  private final Consumer<String> complain;
  private final Requests requests;
  private final List<Operation> history = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final long began = System.nanoTime();
  private long lastAcknowledgement = began;
  private long longestGap;
  private long gapEnded = began;
  private int givenUp;
  private volatile boolean running = true;

  /**
   * @param endpoints of the nodes that are members now; asked for each try
   * @param ids source of numbers unique in a run
   * @param complain told of what must not happen
   */
  Clients(
      Seeds seeds,
      int round,
      Supplier<List<Endpoint>> endpoints,
      AtomicInteger ids,
      Consumer<String> complain) {
    this.endpoints = endpoints;
    this.ids = ids;
    this.complain = complain;
    requests = new Requests(round);
    for (int i = 1; i <= CLIENTS; i++) {
      var name = "c" + i;
      var random = seeds.of("clients of round " + round + " " + name);
      threads.add(Thread.ofVirtual().start(() -> run(name, random)));
    }
  }

  private void run(String name, RandomGenerator random) {
    int at = random.nextInt(1 << 20);
    while (running) {
      LockSupport.parkNanos(Seeds.around(random, THINK));
      if (random.nextInt(20) == 0) {
        at++;
      }
      int id = ids.incrementAndGet();
      var request = requests.next(random, id);
      long start = System.nanoTime();
      long backOff = FIRST_BACK_OFF;
      while (true) {
        var choice = endpoints.get();
        var op = attempt(name, id, choice.get(at % choice.size()), request);
        if (op.result() instanceof Answered || !running) {
          break;
        }
        if (System.nanoTime() - start > PATIENCE) {
          gaveUp();
          break;
        }
        at++;
        LockSupport.parkNanos(Seeds.around(random, backOff));
        backOff = Math.min(LONGEST_BACK_OFF, 2 * backOff);
        id = ids.incrementAndGet();
        request = Requests.again(request, id);
      }
    }
  }

  private Operation attempt(String client, int id, Endpoint endpoint, Request request) {
    long called = System.nanoTime();
    Result result;
    try {
      result = endpoint.ask(request, TRY_MILLIS);
    } catch (StatusRuntimeException e) {
      complain.accept("an error that no fault explains: " + request + " -> " + e.getStatus());
      result = new Unknown(e.getStatus().toString());
    }
    long returned = result instanceof Unknown ? Long.MAX_VALUE : System.nanoTime();
    var op = new Operation(id, client, called, returned, request, result);
    record(op);
    requests.learn(op);
    return op;
  }

  private synchronized void record(Operation op) {
    history.add(op);
    if (op.result() instanceof Answered && !(op.request() instanceof Request.Range)) {
      long gap = op.returned() - lastAcknowledgement;
      if (gap > longestGap) {
        longestGap = gap;
        gapEnded = op.returned();
      }
      lastAcknowledgement = Math.max(lastAcknowledgement, op.returned());
    }
  }

  private synchronized void gaveUp() {
    givenUp++;
  }

  /** Ends when every client has the result of its last try. */
  void stop() throws InterruptedException {
    running = false;
    for (var thread : threads) {
      thread.join();
    }
  }

  /**
   * Reads all keys of the round through one node, until that answers.
   *
   * @return whether it did, within the time
   */
  boolean readEverything(String node, Endpoint endpoint, long limitNanos) {
    long deadline = System.nanoTime() + limitNanos;
    do {
      var op =
          attempt("last, " + node, ids.incrementAndGet(), endpoint, requests.everything(false));
      if (op.result() instanceof Answered) {
        return true;
      }
      LockSupport.parkNanos(FIRST_BACK_OFF);
    } while (System.nanoTime() < deadline);
    return false;
  }

  synchronized List<Operation> history() {
    return List.copyOf(history);
  }

  /** Longest time without an acknowledged write, while clients wrote. */
  synchronized long longestGapMillis() {
    return TimeUnit.NANOSECONDS.toMillis(longestGap);
  }

  /** When that ended, since the clients began. */
  synchronized long gapEndedMillis() {
    return TimeUnit.NANOSECONDS.toMillis(gapEnded - began);
  }

  /** Requests that failed for as long as a client tries. */
  synchronized int givenUp() {
    return givenUp;
  }
}
