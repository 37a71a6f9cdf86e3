package dev.kelvin.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Raft dissertation, 3.10: leadership transfer. */
class LeaderTransferDissertation310Test {
  @Test
  void theTargetLeadsWithoutATick() {
    Net net = Net.ledBy1(3);
    assertTrue(net.raft(1).transferLeadership(3));
    net.settle();
    assertTrue(net.raft(3).isLeader());
    assertEquals(3, net.raft(1).leader());
  }

  @Test
  void theTargetCatchesUpFirst() {
    Net net = Net.ledBy1(3);
    net.isolate(3);
    net.propose(1, "a");
    net.settle();
    net.heal();
    assertTrue(net.raft(1).transferLeadership(3));
    assertEquals(List.of(), net.collect(1).stream().filter(m -> m.to() != 3).toList());
    net.settle();
    net.pass(1);
    assertTrue(net.raft(3).isLeader());
    assertEquals(List.of("a"), net.node(3).commands);
  }

  @Test
  void proposalsAreRefusedMeanwhileAndAcceptedAgainAfterATimeout() {
    Net net = Net.ledBy1(3);
    net.isolate(3);
    net.propose(1, "a");
    net.settle();
    net.raft(1).transferLeadership(3);
    assertEquals(Raft.Accepted.TRANSFERRING, net.propose(1, "b"));
    assertEquals(Raft.Accepted.TRANSFERRING, net.change(1, "learner 4"));
    net.pass(9);
    assertEquals(3, net.raft(1).status().transferTarget());
    net.pass(1);
    assertEquals(0, net.raft(1).status().transferTarget());
    assertEquals(Raft.Accepted.YES, net.propose(1, "b"));
  }

  @Test
  void aTargetWithAnUnappliedChangeStandsOnceItIsApplied() {
    Net net = Net.ledBy1(3);
    net.change(1, "learner 4");
    net.settle();
    TestNode node = net.node(2);
    var change = new Entry(3, 1, EntryKind.MEMBERSHIP, "remove 4".getBytes(StandardCharsets.UTF_8));
    node.raft.step(new Message.AppendRequest(1, 2, 1, 2, 1, 3, List.of(change)));
    node.take();
    node.write();
    node.raft.step(new Message.TimeoutNow(1, 2, 1));
    assertEquals(RaftStatus.Role.FOLLOWER, node.raft.status().role());
    node.take();
    node.apply();
    assertEquals(RaftStatus.Role.CANDIDATE, node.raft.status().role());
  }

  @Test
  void onlyAnotherVoterCanBeTheTarget() {
    Net net = Net.ledBy1(3);
    net.change(1, "learner 4");
    net.settle();
    assertFalse(net.raft(1).transferLeadership(4));
    assertFalse(net.raft(1).transferLeadership(1));
    assertFalse(net.raft(1).transferLeadership(9));
    assertFalse(net.raft(2).transferLeadership(3), "only a leader can");
  }

  @Test
  void aTargetThatIsRemovedEndsTheTransfer() {
    Net net = Net.ledBy1(3);
    net.isolate(3);
    net.change(1, "remove 3");
    net.raft(1).transferLeadership(3);
    net.settle();
    assertEquals(0, net.raft(1).status().transferTarget());
    assertEquals(Raft.Accepted.YES, net.propose(1, "a"));
  }
}
