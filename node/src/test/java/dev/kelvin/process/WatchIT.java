package dev.kelvin.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.proto.etcdserverpb.WatchResponse;
import dev.kelvin.proto.mvccpb.Event;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Watches of real clients: on every node, through a leader's death, and read slowly. */
class WatchIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir Path dir;

  @Test
  void everyRevisionIsToldOnceInOrderThroughTheDeathOfLeaders() throws Exception {
    try (var cluster = LocalCluster.start(dir);
        var threads = Executors.newFixedThreadPool(3)) {
      long first = cluster.nodes.getFirst().status().getHeader().getRevision() + 1;
      long last;
      var followers = new ArrayList<Follower>();
      var results = new ArrayList<Future<Void>>();
      try (var writers = new Writers(cluster.nodes, 4)) {
        for (int i = 0; i < 3; i++) {
          var follower = new Follower(cluster, i, first);
          followers.add(follower);
          results.add(threads.submit(follower::run, null));
        }
        for (int i = 0; i < 2; i++) {
          cluster.nodes.getFirst().await("writes", LIMIT, grown(writers, 200));
          var leader = cluster.leader();
          leader.kill();
          cluster.nodes.getFirst().await("writes without it", LIMIT, grown(writers, 200));
          leader.start().awaitReady();
        }
        writers.stop();
        last = cluster.leader().status().getHeader().getRevision();
      }
      for (var follower : followers) {
        follower.until = last;
      }
      for (var result : results) {
        result.get(60, TimeUnit.SECONDS);
      }
      assertTrue(last > first + 500, last + " revisions");
    }
  }

  private static BooleanSupplier grown(Writers writers, long by) {
    long from = writers.acknowledgements.get();
    return () -> writers.acknowledgements.get() >= from + by;
  }

  /** Watches everything, from where it was, at the next node when a stream ends. */
  private static final class Follower {
    private final LocalCluster cluster;
    private int at;
    private long next;
    volatile long until = Long.MAX_VALUE;

    Follower(LocalCluster cluster, int at, long first) {
      this.cluster = cluster;
      this.at = at;
      next = first;
    }

    void run() {
      try {
        while (next <= until) {
          try (var stream =
              new WatchClient(cluster.nodes.get(at++ % 3).clientAddress(), true, false)) {
            stream.watch("", next);
            while (stream.end == null && next <= until) {
              var answer = stream.answers.poll(100, TimeUnit.MILLISECONDS);
              if (answer != null) {
                answer.getEventsList().forEach(this::told);
              }
            }
          }
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    /** Every write of the writers is one revision. */
    private void told(Event event) {
      assertEquals(next, event.getKv().getModRevision());
      next++;
    }
  }

  @Test
  void clientsThatDoNotReadCostNoMemoryAndMissNothing() throws Exception {
    int mib = 48;
    try (var cluster = LocalCluster.alone(dir)) {
      var node = cluster.nodes.getFirst();
      var idle = new ArrayList<WatchClient>();
      try {
        // Kept for each of them it would be more than the node's heap.
        for (int i = 0; i < 8; i++) {
          var client = new WatchClient(node.clientAddress(), false, false);
          client.watch("bulk", 0);
          idle.add(client);
          assertTrue(client.answers.poll(10, TimeUnit.SECONDS).getCreated());
        }
        Bulk.write(cluster.nodes, mib, Integer.MAX_VALUE);
        assertTrue(node.alive(), node.output());
        long last = node.status().getHeader().getRevision();
        long next = 2;
        var late = idle.getLast();
        while (next <= last) {
          late.read(1);
          WatchResponse answer = late.answers.poll(10, TimeUnit.SECONDS);
          for (var event : answer.getEventsList()) {
            assertEquals(next++, event.getKv().getModRevision());
          }
        }
      } finally {
        idle.forEach(WatchClient::close);
      }
    }
  }

  @Test
  void aStreamThatNeedsALeaderEndsWithoutOne() throws Exception {
    try (var cluster = LocalCluster.start(dir)) {
      var left = cluster.nodes.getFirst();
      try (var needing = new WatchClient(left.clientAddress(), true, true);
          var patient = new WatchClient(left.clientAddress(), true, false)) {
        for (var client : List.of(needing, patient)) {
          client.watch("a", 0);
          assertTrue(client.answers.poll(10, TimeUnit.SECONDS).getCreated());
        }
        cluster.nodes.get(1).kill();
        cluster.nodes.get(2).kill();
        left.await("the stream ends", LIMIT, () -> needing.end != null);
        assertEquals(Status.Code.UNAVAILABLE, needing.end.getCode());
        assertEquals("etcdserver: no leader", needing.end.getDescription());
        cluster.nodes.get(1).start().awaitReady();
        Kv.put(left, "a", "1");
        assertEquals(1, patient.answers.poll(10, TimeUnit.SECONDS).getEventsCount());
      }
    }
  }
}
