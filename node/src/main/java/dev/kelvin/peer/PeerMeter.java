package dev.kelvin.peer;

import dev.kelvin.meter.Histogram;
import java.util.concurrent.atomic.LongAdder;

/** What went to and came from one other member, and how long there and back takes. */
public final class PeerMeter {
  private final LongAdder sentBytes = new LongAdder();
  private final LongAdder receivedBytes = new LongAdder();
  private final LongAdder sentFailures = new LongAdder();
  private final LongAdder receivedFailures = new LongAdder();

  /** etcd's bounds: 0.1 ms, doubled up to 3.3 s. */
  private final Histogram roundTrips = Histogram.exponential(0.0001, 2, 16);

  private volatile boolean connected;

  void sent(long bytes) {
    sentBytes.add(bytes);
  }

  void received(long bytes) {
    receivedBytes.add(bytes);
  }

  void sendFailed() {
    sentFailures.increment();
  }

  void receiveFailed() {
    receivedFailures.increment();
  }

  void connected(boolean now) {
    connected = now;
  }

  /** Of peer messages and snapshots, without what gRPC adds. */
  public long sentBytes() {
    return sentBytes.sum();
  }

  /** As {@link #sentBytes}. */
  public long receivedBytes() {
    return receivedBytes.sum();
  }

  /**
   * Streams to the member that broke or could not be made, and messages given up for want of room.
   */
  public long sentFailures() {
    return sentFailures.sum();
  }

  /** Streams from the member that broke, or were ended for what they brought. */
  public long receivedFailures() {
    return receivedFailures.sum();
  }

  /** In seconds. */
  public Histogram roundTrips() {
    return roundTrips;
  }

  /** Whether messages can be sent to it now. */
  public boolean connected() {
    return connected;
  }
}
