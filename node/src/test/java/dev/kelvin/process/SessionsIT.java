package dev.kelvin.process;

import static dev.kelvin.process.LockWorker.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.MoveLeaderRequest;
import dev.kelvin.proto.v3lockpb.LockGrpc;
import dev.kelvin.proto.v3lockpb.LockRequest;
import dev.kelvin.proto.v3lockpb.LockResponse;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.election.LeaderResponse;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sessions, locks and elections of two clients through the death of leaders and planned changes:
 * jetcd uses the services; etcdctl is etcd's Go client ({@code clientv3/concurrency}).
 */
class SessionsIT {
  private static final Duration LIMIT = Duration.ofSeconds(40);

  @TempDir static Path dir;

  private static LocalCluster cluster;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = LocalCluster.start(dir);
  }

  @AfterAll
  static void stopCluster() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private static List<String> endpoints() {
    return cluster.nodes.stream().map(node -> "http://" + node.clientAddress()).toList();
  }

  private static Etcdctl etcdctl() {
    return new Etcdctl(
        cluster.nodes.stream().map(NodeProcess::clientAddress).collect(Collectors.joining(",")));
  }

  private static NodeProcess other(NodeProcess node) {
    return cluster.nodes.stream().filter(n -> n != node).findFirst().orElseThrow();
  }

  private static void transfer() {
    var leader = cluster.leader();
    long to = other(leader).status().getHeader().getMemberId();
    leader.maintenance().moveLeader(MoveLeaderRequest.newBuilder().setTargetID(to).build());
  }

  @Test
  void aCounterUnderALockNeverDoublesThroughKillsAndTransfers() throws Exception {
    var log = new LockWorker.Log();
    var workers = new ArrayList<LockWorker>();
    try {
      for (int i = 0; i < 3; i++) {
        workers.add(new LockWorker(endpoints(), log));
      }
      awaitMore(log, 20);
      var leader = cluster.leader();
      leader.kill();
      awaitMore(log, 20);
      leader.start().awaitReady();
      transfer();
      awaitMore(log, 20);
      // A stop lets the callers that wait there go on elsewhere, in their places.
      var stopped = cluster.leader();
      assertEquals(143, stopped.stop());
      awaitMore(log, 20);
      stopped.start().awaitReady();
    } finally {
      workers.forEach(LockWorker::close);
    }
    assertEquals(List.of(), List.copyOf(log.violations), () -> log.failures.toString());
    assertEquals(log.written.size(), new HashSet<>(log.written).size());
    assertEquals(log.written.stream().sorted().toList(), List.copyOf(log.written));
  }

  private static void awaitMore(LockWorker.Log log, int more) {
    int enough = log.written.size() + more;
    cluster
        .nodes
        .getFirst()
        .await(
            "counting: " + log.written.size() + " " + log.violations,
            LIMIT,
            () -> log.written.size() >= enough || !log.violations.isEmpty());
  }

  @Test
  void sessionsOutliveALeaderAndLocksOfTheDeadArePassedOn() throws Exception {
    Etcdctl.assumeThere(SessionsIT.class);
    try (var client = Client.builder().endpoints(endpoints().toArray(String[]::new)).build();
        var holder = etcdctl().start("lock", "held", "--ttl=4");
        var candidate = etcdctl().start("elect", "vote", "go")) {
      assertTrue(holder.line().startsWith("held/"));
      candidate.says("go");
      var told = new LinkedBlockingQueue<String>();
      observe(client.getElectionClient(), told);
      assertEquals("go", told.poll(30, TimeUnit.SECONDS));
      long lease = client.getLeaseClient().grant(60).get(10, TimeUnit.SECONDS).getID();
      var lock = insist(() -> client.getLockClient().lock(bytes("held"), lease));
      var campaign =
          insist(() -> client.getElectionClient().campaign(bytes("vote"), lease, bytes("jetcd")));
      var leader = cluster.leader();
      leader.kill();
      long killed = System.nanoTime();
      leader.start().awaitReady();
      // Longer than a new leader's grace: only renewals can be what keeps the session.
      long grace = TimeUnit.MILLISECONDS.toNanos(6_500);
      leader.await("the end of grace", LIMIT, () -> System.nanoTime() - killed > grace);
      assertTrue(holder.process.isAlive() && candidate.process.isAlive());
      assertFalse(lock.isDone() || campaign.isDone());
      // SIGKILL: nobody releases what it held.
      holder.kill();
      var key = lock.get(30, TimeUnit.SECONDS).getKey().toString(StandardCharsets.UTF_8);
      assertEquals("held/" + Long.toHexString(lease), key);
      assertEquals(0, candidate.interrupt());
      assertEquals(lease, campaign.get(30, TimeUnit.SECONDS).getLeader().getLease());
      var last = told.poll(30, TimeUnit.SECONDS);
      while ("go".equals(last)) {
        // Told again by the stream that took the place of one that broke.
        last = told.poll(30, TimeUnit.SECONDS);
      }
      assertEquals("jetcd", last);
    }
  }

  @Test
  void whoWaitsAtANodeThatStopsKeepsThePlace() throws Exception {
    var node = other(cluster.leader());
    try (var here = new Doors("here", List.of(node.clientAddress()));
        var there = new Doors("there", List.of(other(node).clientAddress()))) {
      long[] leases = {there.grant(60), there.grant(60), there.grant(60)};
      var first = lock(there, leases[0]).get(10, TimeUnit.SECONDS);
      var second = lock(here, leases[1]);
      there.await("the second", () -> there.queue("stop").size() == 2);
      lock(there, leases[2]);
      there.await("the third", () -> there.queue("stop").size() == 3);
      var queue = there.queue("stop");
      node.stop();
      var refusal = assertThrows(ExecutionException.class, () -> second.get(10, TimeUnit.SECONDS));
      assertEquals(
          Status.UNAVAILABLE.withDescription("etcdserver: server stopped").toString(),
          Status.fromThrowable(refusal).toString());
      assertEquals(queue, there.queue("stop"));
      var again = lock(there, leases[1]);
      there.kv().deleteRange(DeleteRangeRequest.newBuilder().setKey(first.getKey()).build());
      assertEquals(queue.get(1), again.get(10, TimeUnit.SECONDS).getKey().toStringUtf8());
    } finally {
      node.start().awaitReady();
    }
  }

  private static ListenableFuture<LockResponse> lock(Doors doors, long lease) {
    return LockGrpc.newFutureStub(doors.any())
        .lock(LockRequest.newBuilder().setName(Doors.bytes("stop")).setLease(lease).build());
  }

  /** Makes a call again until it goes well. */
  private static <T> CompletableFuture<T> insist(Supplier<CompletableFuture<T>> call) {
    return call.get()
        .exceptionallyComposeAsync(
            failure -> insist(call), CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS));
  }

  /** Takes down what is proclaimed, with a new stream when one breaks. */
  private static void observe(Election elections, BlockingQueue<String> told) {
    elections.observe(
        bytes("vote"),
        new Election.Listener() {
          @Override
          public void onNext(LeaderResponse response) {
            told.add(response.getKv().getValue().toString(StandardCharsets.UTF_8));
          }

          @Override
          public void onError(Throwable problem) {
            CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS)
                .execute(() -> observe(elections, told));
          }

          @Override
          public void onCompleted() {
            onError(null);
          }
        });
  }
}
