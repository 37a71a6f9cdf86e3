package dev.kelvin.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;

/**
 * Kills the leader again and again under a steady writer on each node, and takes the time from the
 * kill to the first acknowledgement of a write sent after it. Every acknowledged write is looked
 * for afterwards, on every node.
 */
final class Failover {
  private static final Duration INTERVAL = Duration.ofMillis(5);
  private static final Duration ATTEMPT = Duration.ofMillis(250);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long SETTLE_MILLIS = 500;

  /**
   * @param each from kill to acknowledgement, milliseconds, in the order of the kills
   * @param millis the same, for percentiles
   * @param acknowledged all writes acknowledged meanwhile
   * @param missing how many of them some node does not hold, or holds otherwise
   */
  record Result(List<Long> each, Histogram millis, int acknowledged, int missing) {}

  private record FirstAfter(long sentFrom, AtomicLong at, CountDownLatch reached) {}

  private final LocalCluster cluster;
  private final Map<String, Ledger.Entry> ledger = new HashMap<>();
  private final AtomicReference<FirstAfter> awaited = new AtomicReference<>();

  private Failover(LocalCluster cluster) {
    this.cluster = cluster;
  }

  static Result run(LocalCluster cluster, int kills) throws InterruptedException {
    return new Failover(cluster).run(kills);
  }

  private Result run(int kills) throws InterruptedException {
    var millis = new Histogram(TimeUnit.MINUTES.toMillis(10), 3);
    var each = new ArrayList<Long>();
    String prefix = LedgerCommand.ROOT + Long.toString(System.currentTimeMillis(), 36) + "/";
    var plan = new SteadyWriters.Plan(prefix, LocalCluster.NODES, INTERVAL, ATTEMPT, PATIENCE);
    try (var connections = new Connections(cluster.endpoints(), LocalCluster.NODES)) {
      try (var _ = new SteadyWriters(plan, connections, this::acknowledged)) {
        for (int i = 0; i < kills; i++) {
          each.add(killLeader());
          millis.recordValue(each.getLast());
        }
      }
    }
    // Connections of its own: the writers' may still wait before they dial a killed node again.
    try (var connections = new Connections(cluster.endpoints(), LocalCluster.NODES)) {
      int missing = 0;
      for (int i = 0; i < LocalCluster.NODES; i++) {
        var verdict = Ledger.verify(ledger, Ledger.held(new Reader(connections.get(i)), prefix));
        missing = Math.max(missing, verdict.missing() + verdict.different());
      }
      return new Result(each, millis, ledger.size(), missing);
    }
  }

  private synchronized void acknowledged(String key, String value, long revision, long sentNanos) {
    ledger.put(key, new Ledger.Entry(value, revision));
    FirstAfter first = awaited.get();
    if (first != null && sentNanos >= first.sentFrom && first.reached.getCount() > 0) {
      first.at.set(System.nanoTime());
      first.reached.countDown();
    }
  }

  private long killLeader() throws InterruptedException {
    int leader = cluster.leader();
    long killed = System.nanoTime();
    cluster.nodes.get(leader).kill();
    // Sent before the process is gone, a write may have been answered by it.
    var first = new FirstAfter(System.nanoTime(), new AtomicLong(), new CountDownLatch(1));
    awaited.set(first);
    if (!first.reached.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          cluster.title() + " acknowledged nothing for " + PATIENCE + " after a kill");
    }
    cluster.restart(leader);
    cluster.awaitServing(leader);
    // The next kill should meet a cluster at rest, not one that is still catching up.
    new CountDownLatch(1).await(SETTLE_MILLIS, TimeUnit.MILLISECONDS);
    return TimeUnit.NANOSECONDS.toMillis(first.at.get() - killed);
  }
}
