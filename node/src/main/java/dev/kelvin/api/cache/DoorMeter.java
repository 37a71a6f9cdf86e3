package dev.kelvin.api.cache;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What one door counted since the node began. */
public final class DoorMeter {
  /** How a request ended. */
  public enum Result {
    OK,
    NOT_FOUND,
    ERROR
  }

  private final String door;
  private final AtomicLong connections = new AtomicLong();
  private final LongAdder accepted = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder timedOut = new LongAdder();
  private final LongAdder[] results = {new LongAdder(), new LongAdder(), new LongAdder()};

  DoorMeter(String door) {
    this.door = door;
  }

  /** {@code cache} or {@code json}. */
  public String door() {
    return door;
  }

  /** Open now. */
  public long connections() {
    return connections.get();
  }

  /** Connections that were let in. */
  public long accepted() {
    return accepted.sum();
  }

  /** Connections closed at once, for there were too many. */
  public long refused() {
    return refused.sum();
  }

  /** Connections closed because their client sent or read too slowly. */
  public long timedOut() {
    return timedOut.sum();
  }

  /** Requests answered so. */
  public long answered(Result result) {
    return results[result.ordinal()].sum();
  }

  /** Takes a connection in, unless there are {@code most} already. */
  boolean opened(int most) {
    if (connections.incrementAndGet() > most) {
      connections.decrementAndGet();
      refused.increment();
      return false;
    }
    accepted.increment();
    return true;
  }

  void closed() {
    connections.decrementAndGet();
  }

  void slow() {
    timedOut.increment();
  }

  void count(Result result) {
    results[result.ordinal()].increment();
  }
}
