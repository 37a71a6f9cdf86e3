package dev.kelvin.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.proto.care.State;
import dev.kelvin.proto.etcdserverpb.MemberRemoveRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a node becomes a member, and how it does not. */
class MembershipIT {
  @TempDir Path dir;

  @Test
  void aNodeWithAnEmptyDiskWaitsAndSaysSo() throws Exception {
    try (var node = new NodeProcess(dir, "n1").start()) {
      node.await(
          "waits and says so",
          Duration.ofSeconds(20),
          () -> node.output().contains("waiting to be told what to do"));
      node.await("alive", Duration.ofSeconds(10), () -> node.httpStatus("/livez") == 200);
      assertEquals(503, node.httpStatus("/readyz"));
      // What a JVM says that ended in order on SIGTERM.
      assertEquals(143, node.stop());
    }
  }

  @Test
  void joinOnAnEmptyDiskNeverFounds() throws Exception {
    try (var node = new NodeProcess(dir, "n1").start("--join", "127.0.0.1:1")) {
      node.await(
          "asks in vain",
          Duration.ofSeconds(20),
          () -> node.output().contains("did not let this node in"));
      node.await("alive", Duration.ofSeconds(10), () -> node.httpStatus("/livez") == 200);
      assertEquals(503, node.httpStatus("/readyz"));
    }
  }

  @Test
  void bootstrapIsRefusedWhereDataExistAndRestartNeedsNoFlag() throws Exception {
    try (var node = new NodeProcess(dir, "n1").start("--bootstrap").awaitReady()) {
      Kv.put(node, "a", "1");
      node.kill();
      node.start("--bootstrap");
      assertNotEquals(0, node.awaitExit());
      assertTrue(node.output().contains("--bootstrap refused"), node.output());
      node.start().awaitReady();
      assertEquals("1", Kv.read(node, "a"));
    }
  }

  @Test
  void aFourthNodeJoinsAsLearnerAndBecomesAVoter() throws Exception {
    try (var cluster = LocalCluster.start(dir)) {
      Kv.put(cluster.nodes.getFirst(), "before", "join");
      var fourth = cluster.add("n4").start("--join", cluster.nodes.get(1).peerAddress());
      fourth.awaitReady();
      assertEquals("join", Kv.read(fourth, "before"));
      assertTrue(fourth.output().contains("caught up"), fourth.output());
      cluster.awaitEqualHashes();
    }
  }

  @Test
  void aMemberThatWasAwayWhileAllOthersWereReplacedCatchesUp() throws Exception {
    try (var cluster = LocalCluster.start(dir)) {
      var away = cluster.nodes.getLast();
      away.kill();
      for (var old : List.of(cluster.nodes.get(0), cluster.nodes.get(1))) {
        var fresh = cluster.add(old.name + "-successor");
        fresh.start("--join", old.peerAddress()).awaitReady();
        long id = old.status().getHeader().getMemberId();
        fresh.members().memberRemove(MemberRemoveRequest.newBuilder().setID(id).build());
        old.await("removed", Duration.ofSeconds(20), () -> old.inState(State.REMOVED));
        old.close();
        cluster.nodes.remove(old);
      }
      Kv.put(cluster.nodes.getLast(), "a", "1");
      // It knows none of those who are members now.
      away.start().awaitReady();
      assertEquals("1", Kv.read(away, "a"));
      cluster.awaitEqualHashes();
    }
  }
}
