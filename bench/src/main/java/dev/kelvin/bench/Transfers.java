package dev.kelvin.bench;

import dev.kelvin.proto.etcdserverpb.MaintenanceGrpc;
import dev.kelvin.proto.etcdserverpb.MoveLeaderRequest;
import dev.kelvin.proto.etcdserverpb.StatusRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Moves leadership from node to node under a steady writer on each, and takes the longest time in
 * which no write was acknowledged.
 */
final class Transfers {
  private static final Duration INTERVAL = Duration.ofMillis(2);
  private static final Duration ATTEMPT = Duration.ofSeconds(5);

  /** Long enough for a cluster that is slow to notice. */
  private static final long WATCH_MILLIS = 600;

  /**
   * @param stalls milliseconds, one for each move
   * @param failed calls that were refused or had no answer, a repetition's success not counted
   */
  record Result(List<Double> stalls, double failed) {
    double median() {
      return Rounds.median(stalls.stream().mapToDouble(Double::doubleValue).toArray());
    }

    double slowest() {
      return stalls.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
    }
  }

  private Transfers() {}

  static Result run(LocalCluster cluster, int moves) throws InterruptedException {
    var stalls = new ArrayList<Double>();
    var gap = new AtomicReference<>(new SteadyWriters.Gap(System.nanoTime()));
    String prefix = LedgerCommand.ROOT + Long.toString(System.currentTimeMillis(), 36) + "/";
    var plan = new SteadyWriters.Plan(prefix, LocalCluster.NODES, INTERVAL, ATTEMPT, ATTEMPT);
    try (var connections = new Connections(cluster.endpoints(), LocalCluster.NODES);
        var writers =
            new SteadyWriters(
                plan,
                connections,
                (key, value, revision, sent) -> gap.get().acknowledged(System.nanoTime()))) {
      new CountDownLatch(1).await(WATCH_MILLIS, TimeUnit.MILLISECONDS);
      for (int i = 0; i < moves; i++) {
        int leader = cluster.leader();
        int next = (leader + 1) % LocalCluster.NODES;
        long target =
            MaintenanceGrpc.newBlockingStub(connections.get(next))
                .status(StatusRequest.getDefaultInstance())
                .getHeader()
                .getMemberId();
        gap.set(new SteadyWriters.Gap(System.nanoTime()));
        MaintenanceGrpc.newBlockingStub(connections.get(leader))
            .withDeadlineAfter(ATTEMPT.toSeconds(), TimeUnit.SECONDS)
            .moveLeader(MoveLeaderRequest.newBuilder().setTargetID(target).build());
        new CountDownLatch(1).await(WATCH_MILLIS, TimeUnit.MILLISECONDS);
        stalls.add(gap.get().longest().toNanos() / 1e6);
      }
      return new Result(stalls, writers.failedAttempts());
    }
  }
}
