package dev.kelvin.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Raft paper, 7: followers that are behind the leader's log. */
class SnapshotTest {
  private static final Membership THREE = Membership.of(List.of(1L, 2L, 3L), List.of());

  /** Member 3 missed what members 1 and 2 have dropped from their logs. */
  private static Net behind() {
    Net net = Net.ledBy1(3);
    net.isolate(3);
    net.propose(1, "a", "b");
    net.settle();
    net.node(1).disk.compact(3);
    net.heal();
    return net;
  }

  @Test
  void aFollowerBehindTheLogGetsASnapshotAndThenTheLog() {
    Net net = behind();
    net.pass(2);
    assertEquals(List.of("a", "b"), net.node(3).commands);
    assertEquals(RaftStatus.State.REPLICATE, net.peer(1, 3).state());
    net.propose(1, "c");
    net.settle();
    assertEquals(List.of("a", "b", "c"), net.node(3).commands);
    assertEquals(4, net.node(3).disk.lastIndex());
  }

  @Test
  void oneThatIsSilentIsSentNoSnapshot() {
    Net net = Net.ledBy1(3);
    net.isolate(3);
    net.pass(25);
    net.propose(1, "a");
    net.settle();
    net.node(1).disk.compact(2);
    net.raft(1).peerUnreachable(3);
    net.tick(1, 1);
    net.collect(1);
    assertTrue(net.node(1).snapshotsTo.isEmpty());
  }

  @Test
  void nothingIsSentWhileASnapshotIsUnderWayAndItIsAskedForOnce() {
    Net net = behind();
    net.raft(1).peerUnreachable(3);
    net.collect(1);
    assertEquals(1, net.node(1).snapshotsTo.size());
    for (int i = 0; i < 5; i++) {
      net.propose(1, "c" + i);
      net.tick(1, 1);
      net.raft(1).step(new Message.HeartbeatResponse(3, 1, 1, 0));
      for (Message message : net.collect(1)) {
        assertTrue(message.to() == 2 || message instanceof Message.Heartbeat, message.toString());
      }
    }
    assertEquals(1, net.node(1).snapshotsTo.size());
    assertEquals(RaftStatus.State.SNAPSHOT, net.peer(1, 3).state());
    net.raft(1).snapshotSent(3, 3, true);
    assertEquals(RaftStatus.State.PROBE, net.peer(1, 3).state());
    assertEquals(4, net.peer(1, 3).next());
  }

  @Test
  void anOldSnapshotIsAnsweredWithTheCommitIndex() {
    Net net = Net.ledBy1(3);
    net.propose(1, "a");
    net.settle();
    net.raft(3).step(new Message.InstallSnapshot(1, 3, 1, new SnapshotMeta(1, 1, THREE)));
    assertEquals(List.of(new Message.AppendResponse(3, 1, 1, true, 2, 0, 0)), net.collect(3));
    assertNull(net.node(3).install);
  }

  @Test
  void aSnapshotThatMatchesTheLogOnlyCommits() {
    Net net = Net.ledBy1(3);
    var entry = new Entry(2, 1, EntryKind.COMMAND, new byte[0]);
    net.raft(3).step(new Message.AppendRequest(1, 3, 1, 1, 1, 1, List.of(entry)));
    net.collect(3);
    net.node(3).write();
    net.raft(3).step(new Message.InstallSnapshot(1, 3, 1, new SnapshotMeta(2, 1, THREE)));
    assertEquals(2, net.raft(3).status().commit());
    net.collect(3);
    assertNull(net.node(3).install);
    assertEquals(1, net.node(3).applying.size());
  }

  @Test
  void anInstallWaitsForWritesUnderWayAndBlocksEntries() {
    Net net = Net.ledBy1(3);
    TestNode node = net.node(3);
    var entry = new Entry(2, 1, EntryKind.COMMAND, new byte[0]);
    node.raft.step(new Message.AppendRequest(1, 3, 1, 1, 1, 1, List.of(entry)));
    var meta = new SnapshotMeta(9, 1, THREE);
    node.raft.step(new Message.InstallSnapshot(1, 3, 1, meta));
    node.take();
    assertNull(node.install, "an entry is being written");
    node.write();
    node.take();
    assertEquals(meta, node.install);
    node.raft.step(new Message.AppendRequest(1, 3, 1, 2, 1, 9, List.of()));
    assertEquals(List.of(), node.take(), "no entries now");
    node.raft.campaign();
    assertEquals(RaftStatus.Role.FOLLOWER, node.raft.status().role());
    node.install(List.of());
    assertEquals(List.of(new Message.AppendResponse(3, 1, 1, true, 9, 0, 0)), node.take());
    assertEquals(9, node.raft.status().commit());
    assertEquals(9, node.raft.status().applied());
  }

  @Test
  void aFailedInstallLeavesTheReplicaAsItWas() {
    Net net = Net.ledBy1(3);
    var before = net.raft(3).status();
    net.raft(3).step(new Message.InstallSnapshot(1, 3, 1, new SnapshotMeta(9, 1, THREE)));
    net.collect(3);
    net.node(3).install = null;
    net.raft(3).snapshotFailed();
    assertEquals(before, net.raft(3).status());
    net.propose(1, "a");
    net.settle();
    assertEquals(List.of("a"), net.node(3).commands);
  }

  @Test
  void theMembershipOfASnapshotTakesEffect() {
    Net net = Net.ledBy1(3);
    var four = Membership.of(List.of(1L, 2L, 3L, 4L), List.of(5L));
    net.raft(3).step(new Message.InstallSnapshot(1, 3, 1, new SnapshotMeta(9, 1, four)));
    net.collect(3);
    net.node(3).install(List.of());
    assertEquals(four, net.raft(3).status().membership());
  }

  @Test
  void aCrashBetweenInstallAndHardStateRaisesTheTerm() {
    Net net = Net.ledBy1(3);
    var meta = new SnapshotMeta(9, 5, THREE);
    net.raft(3).step(new Message.InstallSnapshot(1, 3, 5, meta));
    net.collect(3);
    net.node(3).install(List.of());
    net.node(3).start(() -> 0);
    assertEquals(5, net.raft(3).term());
    assertEquals(9, net.raft(3).status().commit());
  }

  @Test
  void onlyTheSnapshotThatWasHandedOutCanBeReported() {
    Net net = Net.ledBy1(3);
    var meta = new SnapshotMeta(9, 1, THREE);
    assertThrows(IllegalStateException.class, () -> net.raft(3).snapshotInstalled(meta));
    net.raft(3).step(new Message.InstallSnapshot(1, 3, 1, meta));
    assertThrows(IllegalStateException.class, () -> net.raft(3).snapshotInstalled(meta));
  }
}
