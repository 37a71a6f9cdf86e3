package dev.kelvin.api.etcd;

import dev.kelvin.api.ApiError;
import dev.kelvin.member.Node;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Ends the streams of clients that want to hear it when nobody leads. */
final class LeaderMonitor {
  /** Election timeouts without a leader, as etcd. */
  private static final int PATIENCE = 3;

  /** A stream that can be ended, by any thread. */
  interface Stream {
    void end(ApiError error);
  }

  private final Node node;
  private final Set<Stream> streams = ConcurrentHashMap.newKeySet();
  private int leaderless;

  LeaderMonitor(Node node, Duration electionTimeout, ScheduledExecutorService timer) {
    this.node = node;
    long period = electionTimeout.toMillis();
    timer.scheduleWithFixedDelay(this::look, period, period, TimeUnit.MILLISECONDS);
  }

  void add(Stream stream) {
    streams.add(stream);
  }

  /** Also for a stream that was not added. */
  void remove(Stream stream) {
    streams.remove(stream);
  }

  private void look() {
    var replica = node.replica();
    if (replica != null && replica.status().leader() != 0) {
      leaderless = 0;
    } else if (++leaderless >= PATIENCE) {
      streams.forEach(stream -> stream.end(ApiError.NO_LEADER));
    }
  }
}
