package dev.kelvin.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real nodes whose disks fill up, by their own writes and from outside, and empty again. */
class DiskTroubleIT {
  private static final String[] SMALL = {
    "--log-segment-size", "4MiB",
    "--log-retention-size", "8MiB",
    "--store-memtable-size", "4MiB",
    "--store-cache-size", "8MiB",
    "--disk-reserve", "20MiB"
  };

  private static final int DISK = 96;
  private static final long BELOW_RESERVE = 10 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final ByteString VALUE = ByteString.copyFrom(new byte[16 << 10]);

  @TempDir Path dir;

  @Test
  void shortLeadersRefuseWhatAddsDataAndHandOverAndFullFollowersOnlyLag() throws Exception {
    var disks = new ArrayList<Tmpfs>();
    try {
      for (var name : List.of("n1", "n2", "n3")) {
        disks.add(Tmpfs.mount(dir.resolve(name), DISK));
      }
      try (var cluster = LocalCluster.start(dir, SMALL)) {
        allShort(cluster, disks);
        var leader = oneHasRoom(cluster, disks);
        oneFollowerFull(cluster, disks, leader);
        cluster.awaitEqualHashes();
        for (var node : cluster.nodes) {
          assertEquals(
              2, node.output().split("log holds entries").length, "starts of " + node.name);
        }
      }
    } finally {
      for (var disk : disks) {
        disk.close();
      }
    }
  }

  private static void allShort(LocalCluster cluster, List<Tmpfs> disks) throws Exception {
    var leader = cluster.leader();
    for (int i = 0; i < 3; i++) {
      leader.kv().put(put("kept-" + i));
    }
    // The leader's last: while another has room, it is right to hand over.
    int last = cluster.nodes.indexOf(leader);
    for (int i = 1; i <= 3; i++) {
      var node = cluster.nodes.get((last + i) % 3);
      disks.get((last + i) % 3).fill(BELOW_RESERVE);
      node.await("looks", PATIENCE, () -> node.output().contains("disk short"));
    }
    for (var node : cluster.nodes) {
      awaitNoSpace(node);
      assertEquals(1, node.kv().range(Kv.range("kept-0")).getCount());
      // Whatever leads or is forwarded, nothing that adds data comes through, deletions do.
      assertNoSpace(
          assertThrows(StatusRuntimeException.class, () -> node.kv().txn(txn(put("x"), "absent"))));
    }
    var follower = cluster.nodes.stream().filter(n -> n != leader).findFirst().orElseThrow();
    assertEquals(1, follower.kv().deleteRange(delete("kept-1")).getDeleted());
    assertTrue(follower.kv().txn(txn(null, "kept-2")).getSucceeded());
    assertEquals(0, follower.kv().range(Kv.range("kept-2")).getCount());
    follower.kv().compact(compaction(follower));
    assertTrue(leader.leads(), "leadership moved although nobody has room");
  }

  private static NodeProcess oneHasRoom(LocalCluster cluster, List<Tmpfs> disks) throws Exception {
    var old = cluster.leader();
    int roomy = (cluster.nodes.indexOf(old) + 1) % 3;
    var next = cluster.nodes.get(roomy);
    disks.get(roomy).free();
    next.await("leadership moves to the member with room", PATIENCE, () -> leads(next));
    for (var node : cluster.nodes) {
      node.await("puts work through " + node.name, PATIENCE, () -> puts(node, "again"));
    }
    assertTrue(next.output().contains("disk has space again"), next.output());
    return next;
  }

  private static void oneFollowerFull(LocalCluster cluster, List<Tmpfs> disks, NodeProcess leader)
      throws Exception {
    int full = (cluster.nodes.indexOf(leader) + 1) % 3;
    int other = (full + 1) % 3;
    var follower = cluster.nodes.get(full);
    disks.get(other).free();
    disks.get(full).free();
    disks.get(full).fill(0);
    // More than its log's files that are there can take, and than the store keeps in memory.
    for (int i = 0; i < 1_000; i++) {
      leader.kv().put(put("overwritten-" + i % 10));
    }
    follower.await(
        "says that log and store wait",
        PATIENCE,
        () ->
            follower.output().contains("the log waits for space")
                && follower.output().contains("the store waits for space"));
    assertTrue(puts(cluster.nodes.get(other), "served"), "the others do not serve");
    long ahead = leader.status().getRaftIndex();
    assertTrue(
        follower.status().getRaftAppliedIndex() < ahead, "a full follower cannot have kept up");
    disks.get(full).free();
    follower.await(
        "catches up without a restart",
        PATIENCE,
        () -> follower.status().getRaftAppliedIndex() >= ahead);
    assertTrue(follower.output().contains("the log has disk space again"), follower.output());
    assertTrue(follower.output().contains("the store has disk space again"), follower.output());
  }

  @Test
  void aSingleNodeThatFilledItsDiskComesBackByDeletesAndCompaction() throws Exception {
    try (var disk = Tmpfs.mount(dir.resolve("n1"), DISK);
        var node = new NodeProcess(dir, "n1").start(with("--bootstrap")).awaitReady()) {
      disk.fill(50 << 20);
      int written = 0;
      StatusRuntimeException refused = null;
      while (refused == null) {
        try {
          node.kv().put(put("key-" + written++));
        } catch (StatusRuntimeException e) {
          refused = e;
        }
      }
      assertNoSpace(refused);
      assertTrue(disk.usable() > 0, "the reserve is gone");
      assertEquals(1, node.kv().range(Kv.range("key-0")).getCount());
      var all =
          DeleteRangeRequest.newBuilder()
              .setKey(ByteString.copyFromUtf8("key-"))
              .setRangeEnd(ByteString.copyFromUtf8("key."))
              .build();
      assertEquals(written - 1, node.kv().deleteRange(all).getDeleted());
      node.kv().compact(compaction(node));
      node.await("has space again by itself", PATIENCE, () -> puts(node, "again"));
    }
  }

  @Test
  void aDiskFullToTheLastByteStopsNothingForGood() throws Exception {
    try (var disk = Tmpfs.mount(dir.resolve("n1"), DISK);
        var node = new NodeProcess(dir, "n1").start(with("--bootstrap")).awaitReady()) {
      node.kv().put(put("before"));
      disk.fill(0);
      awaitNoSpace(node);
      // Deletes are admitted; large ones soon need more than the log's files that are there.
      var large = delete("x".repeat(1 << 20));
      for (int i = 0; i < 12 && !node.output().contains("the log waits for space"); i++) {
        try {
          node.kv().withDeadlineAfter(2, TimeUnit.SECONDS).deleteRange(large);
        } catch (StatusRuntimeException e) {
          assertEquals(Status.Code.DEADLINE_EXCEEDED, e.getStatus().getCode());
        }
      }
      assertTrue(node.output().contains("the log waits for space"), node.output());
      awaitNoSpace(node);
      assertEquals(1, node.kv().range(Kv.range("before")).getCount());
      disk.free();
      node.await("puts work again", PATIENCE, () -> puts(node, "after"));
      assertTrue(node.output().contains("the log has disk space again"), node.output());
      node.kill();
      node.start(SMALL).awaitReady();
      assertEquals(1, node.kv().range(Kv.range("after")).getCount());
    }
  }

  private static String[] with(String option) {
    var all = new ArrayList<>(List.of(SMALL));
    all.add(option);
    return all.toArray(String[]::new);
  }

  private static boolean leads(NodeProcess node) {
    try {
      return node.leads();
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  private static boolean puts(NodeProcess node, String key) {
    try {
      node.kv().put(put(key));
      return true;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  private static void awaitNoSpace(NodeProcess node) {
    node.await(
        "refuses puts for want of space",
        PATIENCE,
        () -> {
          try {
            node.kv().put(put("more"));
            return false;
          } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED) {
              assertNoSpace(e);
              return true;
            }
            return false;
          }
        });
  }

  private static void assertNoSpace(StatusRuntimeException e) {
    assertEquals("RESOURCE_EXHAUSTED: etcdserver: mvcc: database space exceeded", e.getMessage());
  }

  private static CompactionRequest compaction(NodeProcess node) {
    return CompactionRequest.newBuilder()
        .setRevision(node.kv().range(Kv.range("any")).getHeader().getRevision())
        .build();
  }

  private static PutRequest put(String key) {
    return PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).setValue(VALUE).build();
  }

  private static DeleteRangeRequest delete(String key) {
    return DeleteRangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
  }

  private static TxnRequest txn(PutRequest put, String deleted) {
    var txn =
        TxnRequest.newBuilder()
            .addSuccess(RequestOp.newBuilder().setRequestDeleteRange(delete(deleted)));
    if (put != null) {
      txn.addFailure(RequestOp.newBuilder().setRequestPut(put));
    }
    return txn.build();
  }
}
