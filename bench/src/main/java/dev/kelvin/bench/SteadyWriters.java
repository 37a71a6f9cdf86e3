package dev.kelvin.bench;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.KVGrpc;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Writers that keep putting, each one write at a time, and hold on when a server fails: a call
 * without an answer goes to the next endpoint after a pause, until it is acknowledged or patience
 * ends. A put is repeated with the same key and value, so a repetition changes nothing.
 */
final class SteadyWriters implements AutoCloseable {
  /** Told of each acknowledgement; called by many threads. */
  interface Acknowledgements {
    /**
     * @param sentNanos when the acknowledged attempt was sent, of {@link System#nanoTime}
     */
    void acknowledged(String key, String value, long revision, long sentNanos);
  }

  /**
   * @param prefix of all keys; ends with a slash
   * @param interval pause between two writes of one writer
   * @param attempt how long one call may take
   * @param patience how long one write is tried
   */
  record Plan(String prefix, int writers, Duration interval, Duration attempt, Duration patience) {}

  private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Plan plan;
  private final Connections connections;
  private final Acknowledgements acknowledgements;
  private final List<Thread> threads = new ArrayList<>();
  private final LongAdder givenUp = new LongAdder();
  private final LongAdder failedAttempts = new LongAdder();
  private final Gap gap = new Gap(System.nanoTime());
  private volatile boolean running = true;

  /** Starts writing; {@code connections} has one connection to each endpoint. */
  SteadyWriters(Plan plan, Connections connections, Acknowledgements acknowledgements) {
    this.plan = plan;
    this.connections = connections;
    this.acknowledgements = acknowledgements;
    for (int i = 0; i < plan.writers; i++) {
      int writer = i;
      threads.add(
          Thread.ofPlatform().name("bench-writer-" + i).daemon().start(() -> write(writer)));
    }
  }

  /** The longest time in which no write of any writer was acknowledged. */
  Duration longestGap() {
    return gap.longest();
  }

  /** Calls that were refused or had no answer in time. */
  long failedAttempts() {
    return failedAttempts.sum();
  }

  /** Writes not acknowledged when patience ended; whether they happened is unknown. */
  long givenUp() {
    return givenUp.sum();
  }

  private void write(int writer) {
    int endpoint = writer;
    for (long sequence = 0; running; sequence++) {
      String key = plan.prefix + writer + "/" + sequence;
      endpoint = put(key, Long.toString(sequence), endpoint);
      LockSupport.parkNanos(plan.interval.toNanos());
    }
  }

  /** Returns the endpoint to go on with. */
  private int put(String key, String value, int first) {
    var request =
        PutRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8(key))
            .setValue(ByteString.copyFromUtf8(value))
            .build();
    long end = System.nanoTime() + plan.patience.toNanos();
    long pause = SHORTEST_PAUSE_NANOS;
    int endpoint = first;
    while (running && System.nanoTime() < end) {
      long sent = System.nanoTime();
      try {
        var answer =
            KVGrpc.newBlockingStub(connections.get(endpoint))
                .withDeadlineAfter(plan.attempt.toNanos(), TimeUnit.NANOSECONDS)
                .put(request);
        gap.acknowledged(System.nanoTime());
        acknowledgements.acknowledged(key, value, answer.getHeader().getRevision(), sent);
        return endpoint;
      } catch (StatusRuntimeException e) {
        failedAttempts.increment();
        // Whatever the code, another member may do better; patience bounds it.
        endpoint = (endpoint + 1) % connections.size();
        // The library would wait a second and more before it dials a failed server again.
        connections.get(endpoint).resetConnectBackoff();
        LockSupport.parkNanos(pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
      }
    }
    if (running) {
      givenUp.increment();
    }
    return endpoint;
  }

  @Override
  public void close() {
    running = false;
    for (var thread : threads) {
      try {
        LockSupport.unpark(thread);
        thread.join(plan.attempt.plusSeconds(1));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    gap.acknowledged(System.nanoTime());
  }

  /** The longest time between two acknowledgements, the start and the end counted as such. */
  static final class Gap {
    private long last;
    private long longest;

    Gap(long start) {
      this.last = start;
    }

    synchronized void acknowledged(long nanoTime) {
      longest = Math.max(longest, nanoTime - last);
      last = Math.max(last, nanoTime);
    }

    synchronized Duration longest() {
      return Duration.ofNanos(longest);
    }
  }
}
