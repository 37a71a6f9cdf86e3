package dev.kelvin.bench;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * One run of load against a cluster. In a closed loop each client has one request under way, and
 * its completion sends the next; in an open loop requests go out on a {@link Schedule}, and latency
 * counts from the intended time. Only requests completed inside the window after the warm-up are
 * measured.
 */
final class Load {
  /**
   * @param clients requests under way in a closed loop
   * @param rate requests a second of an open loop; 0 for a closed loop
   * @param serverPids the processes whose CPU and memory are measured; may be empty
   */
  record Plan(
      Op op,
      int keys,
      int keyLength,
      int valueLength,
      int clients,
      double rate,
      Duration warmUp,
      Duration measure,
      List<Long> serverPids) {}

  /** A pause after a failed call, so that a dead server is not asked in a busy loop. */
  private static final long PAUSE_AFTER_ERROR_MILLIS = 10;

  /** Bound on what an open loop may have under way; later requests wait and are charged for it. */
  private static final int MOST_UNDER_WAY = 20_000;

  private static final long PATIENCE_AT_END_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final long LONGEST_LATENCY_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final Plan plan;
  private final Requests requests;
  private final Connections connections;
  private final ConcurrentHistogram latency = new ConcurrentHistogram(LONGEST_LATENCY_NANOS, 3);
  private final Map<String, LongAdder> errors = new ConcurrentHashMap<>();
  private final LongAdder lost = new LongAdder();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger filled = new AtomicInteger();
  private volatile boolean sending = true;
  private volatile boolean measuring;

  private Load(Plan plan, Requests requests, Connections connections) {
    this.plan = plan;
    this.requests = requests;
    this.connections = connections;
  }

  /** Runs the load to its end. */
  static LoadResult run(Plan plan, Connections connections) {
    var requests = new Requests(plan.op, plan.keys, plan.keyLength, plan.valueLength);
    if (plan.op == Op.CAS) {
      new Reader(connections.get(0)).modRevisions(plan.keyLength, plan.keys, requests::seen);
    }
    var load = new Load(plan, requests, connections);
    return plan.op == Op.FILL ? load.fill() : load.timed();
  }

  private LoadResult fill() {
    measuring = true;
    var meter = new Meter(plan.serverPids);
    startClients();
    while (underWay.get() > 0) {
      LockSupport.parkNanos(1_000_000);
    }
    return result(meter);
  }

  private LoadResult timed() {
    var begin = System.nanoTime();
    var measureFrom = begin + plan.warmUp.toNanos();
    var end = measureFrom + plan.measure.toNanos();
    Thread sender = null;
    if (plan.rate > 0) {
      sender = Thread.ofPlatform().name("bench-schedule").daemon().start(() -> openLoop(begin));
    } else {
      startClients();
    }
    Pause.until(measureFrom);
    var meter = new Meter(plan.serverPids);
    measuring = true;
    Pause.until(end);
    measuring = false;
    var result = result(meter);
    sending = false;
    if (sender != null) {
      LockSupport.unpark(sender);
    }
    var patience = System.nanoTime() + PATIENCE_AT_END_NANOS;
    while (underWay.get() > 0 && System.nanoTime() < patience) {
      LockSupport.parkNanos(1_000_000);
    }
    return result.withUnanswered(underWay.get());
  }

  private LoadResult result(Meter meter) {
    var counts = new TreeMap<String, Long>();
    errors.forEach((code, count) -> counts.put(code, count.sum()));
    var copy = latency.copy();
    return meter.result(plan.op, copy, counts, lost.sum());
  }

  private void startClients() {
    for (int i = 0; i < plan.clients; i++) {
      underWay.incrementAndGet();
      next(i);
    }
  }

  /** Sends client {@code client}'s next request, or takes it out of the run. */
  private void next(int client) {
    int key = sending ? nextKey() : -1;
    if (key < 0) {
      underWay.decrementAndGet();
    } else {
      send(client, key, System.nanoTime());
    }
  }

  private int nextKey() {
    if (plan.op != Op.FILL) {
      return ThreadLocalRandom.current().nextInt(plan.keys);
    }
    int key = filled.getAndIncrement();
    return key < plan.keys ? key : -1;
  }

  private void openLoop(long begin) {
    var schedule = new Schedule(begin, plan.rate);
    for (long i = 0; sending; i++) {
      long intended = schedule.intended(i);
      Pause.until(intended, () -> sending);
      while (sending && underWay.get() >= MOST_UNDER_WAY) {
        LockSupport.parkNanos(100_000);
      }
      underWay.incrementAndGet();
      send((int) (i % Integer.MAX_VALUE), nextKey(), intended);
    }
  }

  private void send(int client, int key, long intended) {
    var call = connections.get(client).newCall(requests.method(), CallOptions.DEFAULT);
    call.start(new Completion(client, key, intended), new Metadata());
    call.request(2);
    call.sendMessage(requests.encode(key));
    call.halfClose();
  }

  private final class Completion extends ClientCall.Listener<byte[]> {
    private final int client;
    private final int key;
    private final long intended;
    private byte[] answer;

    Completion(int client, int key, long intended) {
      this.client = client;
      this.key = key;
      this.intended = intended;
    }

    @Override
    public void onMessage(byte[] message) {
      answer = message;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      boolean ok = status.isOk() && answer != null;
      String error = ok ? null : status.getCode().name();
      if (ok) {
        switch (requests.decode(key, answer)) {
          case DONE -> {}
          case LOST -> {
            if (measuring) {
              lost.increment();
            }
          }
          case ABSENT -> error = "ABSENT";
        }
      }
      if (measuring) {
        if (error == null) {
          latency.recordValue(Math.min(System.nanoTime() - intended, LONGEST_LATENCY_NANOS));
        } else {
          errors.computeIfAbsent(error, code -> new LongAdder()).increment();
        }
      }
      if (plan.rate > 0) {
        underWay.decrementAndGet();
      } else if (ok) {
        next(client);
      } else if (plan.op == Op.FILL) {
        connections.later(() -> send(client, key, intended), PAUSE_AFTER_ERROR_MILLIS);
      } else {
        connections.later(() -> next(client), PAUSE_AFTER_ERROR_MILLIS);
      }
    }
  }
}
