package dev.kelvin.checker.client;

import dev.kelvin.checker.Operation;
import dev.kelvin.checker.Operation.Answered;
import dev.kelvin.checker.Operation.Result;
import dev.kelvin.checker.Operation.Unknown;
import dev.kelvin.checker.Request;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * The clients of one round, one request at a time each. A client keeps to one server until that
 * fails it, tries again elsewhere for a while, and leaves every try in the history.
 */
public final class Clients {
  private static final long FIRST_BACK_OFF = TimeUnit.MILLISECONDS.toNanos(25);
  private static final long LONGEST_BACK_OFF = TimeUnit.MILLISECONDS.toNanos(400);

  private final Endpoints endpoints;
  private final Requests requests;
  private final Patience patience;
  private final AtomicInteger ids;
  private final Acknowledgements acknowledgements;
  private final Consumer<String> complain;
  private final List<Operation> history = new ArrayList<>();
  private final List<Operation> givenUp = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private int mostUnknown = Integer.MAX_VALUE;
  private int unknownWrites;
  private volatile boolean running = true;

  /**
   * @param endpoints asked for each try
   * @param ids source of numbers unique in a run
   * @param acknowledgements told of each acknowledged write
   * @param complain told of what must not happen
   */
  public Clients(
      Endpoints endpoints,
      Requests requests,
      Patience patience,
      AtomicInteger ids,
      Acknowledgements acknowledgements,
      Consumer<String> complain) {
    this.endpoints = endpoints;
    this.requests = requests;
    this.patience = patience;
    this.ids = ids;
    this.acknowledgements = acknowledgements;
    this.complain = complain;
  }

  /**
   * Starts clients that ask until {@link #stop}, or until many writes have an unknown outcome.
   *
   * @param thinkNanos mean pause of a client between two requests
   * @param mostUnknown so many
   * @param randoms a client's source, by its name
   */
  public void start(
      int clients, long thinkNanos, int mostUnknown, Function<String, RandomGenerator> randoms) {
    this.mostUnknown = mostUnknown;
    for (int i = 1; i <= clients; i++) {
      var name = "c" + i;
      var client = new Client(name, randoms.apply(name));
      threads.add(
          Thread.ofVirtual()
              .uncaughtExceptionHandler((_, e) -> complain.accept(name + " broke down: " + e))
              .start(() -> client.run(thinkNanos)));
    }
  }

  /** One client. */
  private final class Client {
    private final String name;
    private final RandomGenerator random;
    private int at;

    private Client(String name, RandomGenerator random) {
      this.name = name;
      this.random = random;
      at = random.nextInt(1 << 20);
    }

    private void run(long thinkNanos) {
      while (running) {
        LockSupport.parkNanos(around(thinkNanos));
        if (random.nextInt(20) == 0) {
          at++;
        }
        int id = ids.incrementAndGet();
        carryThrough(id, requests.next(random, id));
      }
    }

    private Operation carryThrough(int firstId, Request first) {
      int id = firstId;
      var request = first;
      long start = System.nanoTime();
      long backOff = FIRST_BACK_OFF;
      for (int failed = 0; ; failed++) {
        var op = attempt(name, id, endpoints.choose(at, failed), request);
        if (op.result() instanceof Answered) {
          return op;
        }
        if (System.nanoTime() - start > patience.all().toNanos()) {
          gaveUp(op);
          return op;
        }
        at++;
        LockSupport.parkNanos(around(backOff));
        backOff = Math.min(LONGEST_BACK_OFF, 2 * backOff);
        id = ids.incrementAndGet();
        request = requests.again(request, id);
      }
    }

    /** Exponentially distributed, never 0. */
    private long around(long mean) {
      return 1 + (long) (mean * random.nextExponential());
    }
  }

  private Operation attempt(String client, int id, Endpoint endpoint, Request request) {
    long called = System.nanoTime();
    Result result;
    try {
      result = endpoint.ask(request, patience.once().toMillis());
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
    if (op.request() instanceof Request.Range) {
      return;
    }
    if (op.result() instanceof Answered) {
      acknowledgements.at(op.returned());
    } else if (op.unknown()) {
      unknownWrites++;
      running &= unknownWrites < mostUnknown;
    }
  }

  private synchronized void gaveUp(Operation lastTry) {
    givenUp.add(lastTry);
  }

  /** Ends when every client has carried its last request through, or given it up. */
  public void stop() throws InterruptedException {
    running = false;
    for (var thread : threads) {
      thread.join();
    }
  }

  /**
   * One request as a client makes it, with all its tries.
   *
   * @return the last try
   */
  public Operation carryThrough(String client, RandomGenerator random, Request request) {
    return new Client(client, random).carryThrough(ids.incrementAndGet(), request);
  }

  /**
   * Reads all keys of the round through one server, until that answers.
   *
   * @return whether it did, within the time
   */
  public boolean readEverything(String server, Endpoint endpoint, long limitNanos) {
    long deadline = System.nanoTime() + limitNanos;
    do {
      var op = attempt("last, " + server, ids.incrementAndGet(), endpoint, requests.everything());
      if (op.result() instanceof Answered) {
        return true;
      }
      LockSupport.parkNanos(FIRST_BACK_OFF);
    } while (System.nanoTime() < deadline);
    return false;
  }

  public synchronized List<Operation> history() {
    return List.copyOf(history);
  }

  /** Whether clients go on asking. */
  public boolean running() {
    return running;
  }

  /** Tries that may have changed something, but nobody knows. */
  public synchronized int unknownWrites() {
    return unknownWrites;
  }

  /** Requests that failed for as long as a client tries: the last try of each. */
  public synchronized List<Operation> givenUp() {
    return List.copyOf(givenUp);
  }
}
