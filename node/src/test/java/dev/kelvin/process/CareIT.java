package dev.kelvin.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.proto.care.BootstrapRequest;
import dev.kelvin.proto.care.JoinRequest;
import dev.kelvin.proto.care.LeaveRequest;
import dev.kelvin.proto.care.RecoverRequest;
import dev.kelvin.proto.care.RemoveRequest;
import dev.kelvin.proto.care.SetAsideRequest;
import dev.kelvin.proto.care.State;
import dev.kelvin.proto.care.StatusRequest;
import dev.kelvin.proto.care.StatusResponse;
import dev.kelvin.proto.care.TransferRequest;
import dev.kelvin.proto.etcdserverpb.Member;
import dev.kelvin.proto.etcdserverpb.MemberAddRequest;
import dev.kelvin.proto.etcdserverpb.MemberListRequest;
import dev.kelvin.proto.etcdserverpb.MemberPromoteRequest;
import dev.kelvin.proto.etcdserverpb.MemberRemoveRequest;
import dev.kelvin.proto.etcdserverpb.MoveLeaderRequest;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What is promised of identity and membership, driven from outside. */
class CareIT {
  /** Planned stops to measure; more of them with {@code -Dkelvin.stops=20}. */
  private static final int STOPS = Integer.getInteger("kelvin.stops", 3);

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private static final StatusRequest STATUS = StatusRequest.getDefaultInstance();

  @TempDir Path dir;

  @Test
  void etcdsRuntimeReconfigurationByHand() throws Exception {
    try (var cluster = LocalCluster.start(dir)) {
      var first = cluster.nodes.getFirst();
      var fourth = cluster.add("n4");
      var added =
          first
              .members()
              .memberAdd(
                  MemberAddRequest.newBuilder()
                      .addPeerURLs("http://" + fourth.peerAddress())
                      .setIsLearner(true)
                      .build())
              .getMember();
      assertTrue(added.getIsLearner());
      var tooEarly = MemberPromoteRequest.newBuilder().setID(added.getID()).build();
      refused(
          "etcdserver: can only promote a learner member which is in sync with leader",
          () -> first.members().memberPromote(tooEarly));
      refused(
          "etcdserver: too many learner members in cluster",
          () ->
              first
                  .members()
                  .memberAdd(
                      MemberAddRequest.newBuilder()
                          .addPeerURLs("http://127.0.0.1:1")
                          .setIsLearner(true)
                          .build()));

      fourth.start("--join", first.peerAddress());
      fourth.await("in as a learner", LIMIT, () -> fourth.inState(State.LEARNER));
      assertEquals(added.getID(), fourth.care().status(STATUS).getMemberId());
      // Through a node that may not lead.
      fourth.await(
          "promoted",
          LIMIT,
          () -> succeeds(() -> cluster.nodes.get(1).members().memberPromote(tooEarly)));
      fourth.awaitReady();
      for (var node : cluster.nodes) {
        assertEquals(
            List.of("n1", "n2", "n3", "n4"),
            list(node).stream().map(Member::getName).sorted().toList());
      }

      var target = fourth.care().status(STATUS).getMemberId();
      var leader = cluster.leader();
      refused(
          "etcdserver: not leader",
          () ->
              cluster.nodes.stream()
                  .filter(n -> n != leader)
                  .findFirst()
                  .orElseThrow()
                  .maintenance()
                  .moveLeader(MoveLeaderRequest.newBuilder().setTargetID(target).build()));
      leader.maintenance().moveLeader(MoveLeaderRequest.newBuilder().setTargetID(target).build());
      assertEquals(fourth, cluster.leader());

      // The leader itself: it hands over first.
      first.members().memberRemove(MemberRemoveRequest.newBuilder().setID(target).build());
      fourth.await("knows that it was removed", LIMIT, () -> fourth.inState(State.REMOVED));
      fourth.await("says so", LIMIT, () -> fourth.output().contains("was removed from cluster"));
      for (var node : cluster.nodes.subList(0, 3)) {
        assertEquals(3, list(node).size());
      }
    }
  }

  @Test
  void oneToFiveToOneUnderLoadLosesNothingAndFailsNothing() throws Exception {
    try (var cluster = LocalCluster.alone(dir);
        var writers = new Writers(cluster.nodes, 4)) {
      var first = cluster.nodes.getFirst();
      for (var name : List.of("n2", "n3", "n4", "n5")) {
        cluster.add(name).start("--join", first.peerAddress()).awaitReady();
      }
      assertEquals(5, list(first).size());
      NodeProcess removed = null;
      for (int i = 4; i >= 1; i--) {
        removed = cluster.nodes.get(i);
        var gone = removed;
        long id = removed.care().status(STATUS).getMemberId();
        first.members().memberRemove(MemberRemoveRequest.newBuilder().setID(id).build());
        removed.await("removed", LIMIT, () -> gone.inState(State.REMOVED));
      }
      assertEquals(1, list(first).size());
      writers.stop();
      assertEquals(0, writers.failedRequests.get());
      assertEquals(List.of(), writers.missing(first));

      // A removed node's disk is of no use until it is emptied.
      removed.kill();
      removed.start("--join", first.peerAddress());
      var again = removed;
      removed.await("still removed", LIMIT, () -> again.inState(State.REMOVED));
      removed.kill();
      removed.wipe();
      removed.start("--join", first.peerAddress()).awaitReady();
      assertEquals(List.of(), writers.missing(removed));
      assertEquals(2, list(first).size());
    }
  }

  @Test
  void aPlannedStopOfTheLeaderFailsNoRequest() throws Exception {
    try (var cluster = LocalCluster.start(dir);
        var writers = new Writers(cluster.nodes, 4)) {
      var stalls = new ArrayList<Long>();
      for (int i = 0; i < STOPS; i++) {
        var leader = cluster.leader();
        // Serving and caught up, so that what follows is due to the stop.
        cluster.nodes.forEach(NodeProcess::awaitReady);
        writers.takeLongestGapMillis();
        leader.stop();
        stalls.add(writers.takeLongestGapMillis());
        assertTrue(leader.output().contains("handed leadership over"), leader.output());
        leader.start().awaitReady();
      }
      writers.stop();
      System.out.println(
          "planned stops of the leader, longest time without an answer, ms: " + stalls);
      assertEquals(0, writers.failedRequests.get());
      assertEquals(List.of(), writers.missing(cluster.leader()));
      // How short they are is for the benchmark to say, on a quiet machine; here, that nobody had
      // to
      // wait for an election.
      stalls.sort(null);
      assertTrue(stalls.get(stalls.size() / 2) < 1000, "stalls of " + stalls + " ms");
    }
  }

  @Test
  void bootstrapIsForOneIncarnationAndHarmlessTwice() throws Exception {
    try (var node = new NodeProcess(dir, "n1").start()) {
      node.await("waits", LIMIT, () -> node.inState(State.WAITING));
      long incarnation = node.care().status(STATUS).getIncarnation();
      var meant =
          BootstrapRequest.newBuilder().setClusterId(77).setIncarnation(incarnation).build();
      refused(
          "kelvin: bootstrap is meant for incarnation %016x, this is %016x"
              .formatted(incarnation + 1, incarnation),
          () -> node.care().bootstrap(meant.toBuilder().setIncarnation(incarnation + 1).build()));
      var founded = node.care().bootstrap(meant);
      assertEquals(77, founded.getClusterId());
      node.awaitReady();
      assertEquals(founded.getMemberId(), node.care().bootstrap(meant).getMemberId());
      refused(
          "kelvin: this is a member of cluster %016x already".formatted(77),
          () -> node.care().bootstrap(meant.toBuilder().setClusterId(78).build()));
      Kv.put(node, "a", "1");

      // The disk is lost: what was meant for the old one founds nothing.
      node.kill();
      node.wipe();
      node.start();
      node.await("waits", LIMIT, () -> node.inState(State.WAITING));
      assertThrows(StatusRuntimeException.class, () -> node.care().bootstrap(meant));
      assertEquals(State.WAITING, node.care().status(STATUS).getState());
    }
  }

  @Test
  void aMemberThatLostItsDiskComesBackAsANewOneOnly() throws Exception {
    try (var cluster = LocalCluster.start(dir)) {
      var first = cluster.nodes.getFirst();
      var second = cluster.nodes.get(1);
      long lost = first.care().status(STATUS).getMemberId();
      first.kill();
      first.wipe();
      first.start();
      first.await("waits without flags", LIMIT, () -> first.inState(State.WAITING));
      // The others go on, and the old identity has to go before the address can come back.
      Kv.put(second, "a", "1");
      var join = JoinRequest.newBuilder().addMembers(second.peerAddress());
      long incarnation = first.care().status(STATUS).getIncarnation();
      refused(
          "kelvin: join is meant for incarnation 0000000000000001, this is %016x"
              .formatted(incarnation),
          () -> first.care().join(join.setIncarnation(1).build()));
      first.care().join(join.setIncarnation(incarnation).build());
      first.await(
          "tells why not",
          LIMIT,
          () ->
              first
                  .care()
                  .status(STATUS)
                  .getJoinRefusal()
                  .endsWith("etcdserver: Peer URLs already exists"));
      assertEquals(State.JOINING, first.care().status(STATUS).getState());
      second.care().remove(RemoveRequest.newBuilder().setMemberId(lost).build());
      // A repeat is harmless.
      second.care().remove(RemoveRequest.newBuilder().setMemberId(lost).build());
      first.awaitReady();
      assertNotEquals(lost, first.care().status(STATUS).getMemberId());
      cluster.awaitEqualHashes();
    }
  }

  @Test
  void aMemberThatStartsAgainNeverSaysThatItWaits() throws Exception {
    try (var cluster = LocalCluster.start(dir)) {
      var restarted = cluster.nodes.getFirst();
      restarted.kill();
      restarted.start();
      var said = EnumSet.noneOf(State.class);
      while (!said.contains(State.VOTER)) {
        restarted.await("answers", LIMIT, () -> restarted.state().isPresent());
        restarted.state().ifPresent(said::add);
      }
      assertFalse(said.contains(State.WAITING), said.toString());
      var leader = cluster.leader();
      leader.await(
          "its list of members can be acted on",
          LIMIT,
          () -> leader.care().status(STATUS).getMembersSettled());
    }
  }

  @Test
  void whoLeavesIsSetAsideAndComesBack() throws Exception {
    try (var cluster = LocalCluster.start(dir)) {
      var leader = cluster.leader();
      long id = leader.care().status(STATUS).getMemberId();
      var left = leader.care().leave(LeaveRequest.getDefaultInstance());
      assertEquals(State.REMOVED, left.getState());
      assertEquals(
          State.REMOVED, leader.care().leave(LeaveRequest.getDefaultInstance()).getState());
      var other = cluster.nodes.stream().filter(n -> n != leader).findFirst().orElseThrow();
      var join = JoinRequest.newBuilder().addMembers(other.peerAddress()).build();
      refused(
          "kelvin: this holds the data of removed member %016x; have them set aside first"
              .formatted(id),
          () -> leader.care().join(join));
      var aside = SetAsideRequest.newBuilder().setMemberId(id).build();
      assertEquals(State.WAITING, leader.care().setAside(aside).getState());
      assertEquals(State.WAITING, leader.care().setAside(aside).getState());
      leader.care().join(join);
      leader.awaitReady();
      assertNotEquals(id, leader.care().status(STATUS).getMemberId());
      cluster.awaitEqualHashes();
      var moved = other.care().transfer(TransferRequest.getDefaultInstance());
      assertNotEquals(0, moved.getLeader());
    }
  }

  @Test
  void aSurvivorOfALostQuorumGoesOnAsAnotherCluster() throws Exception {
    try (var cluster = LocalCluster.start(dir)) {
      var survivor = cluster.nodes.getFirst();
      Kv.put(survivor, "a", "1");
      cluster.awaitEqualHashes();
      var before = survivor.care().status(STATUS);
      var recover =
          RecoverRequest.newBuilder()
              .setMemberId(before.getMemberId())
              .setClusterId(before.getClusterId())
              .setNewClusterId(99)
              .build();
      cluster.nodes.get(1).kill();
      refused(
          "kelvin: 2 of 3 voters answer, a quorum: nothing to recover from",
          () -> survivor.care().recover(recover));
      cluster.nodes.get(2).kill();
      StatusResponse after = survivor.care().recover(recover);
      assertEquals(99, after.getClusterId());
      assertEquals(List.of(before.getClusterId()), after.getAncestorsList());
      assertEquals(99, survivor.care().recover(recover).getClusterId());
      survivor.awaitReady();
      assertEquals("1", Kv.read(survivor, "a"));
      assertEquals(1, list(survivor).size());

      // A lost member comes back from the dead: it is not let in as it is.
      var lost = cluster.nodes.get(1).start();
      lost.await(
          "told which cluster this is",
          LIMIT,
          () -> lost.output().contains("which it was recovered from: empty that data directory"));
      lost.kill();
      for (var node : cluster.nodes.subList(1, 3)) {
        node.wipe();
        node.start("--join", survivor.peerAddress()).awaitReady();
      }
      assertEquals(3, list(survivor).size());
      cluster.awaitEqualHashes();
      survivor.kill();
      survivor.start().awaitReady();
      assertEquals("1", Kv.read(survivor, "a"));
    }
  }

  @Test
  void twoClustersOnTheSameAddressesNeverMix() throws Exception {
    try (var cluster = LocalCluster.start(dir)) {
      var stranger = cluster.nodes.get(2);
      var member = cluster.nodes.getFirst();
      stranger.kill();
      stranger.wipe();
      stranger.start("--bootstrap").awaitReady();
      Kv.put(stranger, "a", "stranger's");
      Kv.put(member, "a", "members'");
      member.await(
          "refused by cluster ID",
          LIMIT,
          () -> member.output().contains("n3") && member.output().contains("this is cluster"));
      assertEquals("stranger's", Kv.read(stranger, "a"));
      assertEquals("members'", Kv.read(member, "a"));
      assertEquals(1, list(stranger).size());
      assertEquals(3, list(member).size());
    }
  }

  private static List<Member> list(NodeProcess node) {
    return node.members()
        .memberList(MemberListRequest.newBuilder().setLinearizable(true).build())
        .getMembersList();
  }

  private static void refused(String text, Executable call) {
    var e = assertThrows(StatusRuntimeException.class, call);
    assertEquals(text, e.getStatus().getDescription());
  }

  private static boolean succeeds(Runnable call) {
    try {
      call.run();
      return true;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }
}
