package dev.kelvin.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Raft paper, 5.2: leader election. */
class LeaderElectionSection52Test {
  @Test
  void aGroupWithoutLeaderElectsOneWithinTwoTimeouts() {
    Net net = Net.of(3);
    net.pass(30);
    long leader = net.raft(1).leader();
    assertTrue(leader != 0);
    for (TestNode node : net.nodes.values()) {
      assertEquals(leader, node.raft.leader());
      assertEquals(node.id == leader, node.raft.isLeader());
    }
  }

  @Test
  void aSingleVoterLeadsOnItsFirstTick() {
    Net net = Net.of(1);
    net.pass(1);
    assertTrue(net.raft(1).isLeader());
    assertEquals(1, net.node(1).applied);
  }

  @Test
  void aMinorityElectsNobody() {
    Net net = Net.of(5);
    net.isolate(1, 2);
    net.pass(60);
    assertFalse(net.raft(1).isLeader() || net.raft(2).isLeader());
    assertEquals(0, net.raft(1).term(), "pre-votes leave the term alone");
  }

  @Test
  void theOldLeaderStepsDownWhenItHearsOfTheNew() {
    Net net = Net.ledBy1(3);
    net.isolate(1);
    net.pass(40);
    long newLeader = net.raft(2).leader();
    assertTrue(newLeader == 2 || newLeader == 3);
    net.heal();
    net.pass(2);
    assertFalse(net.raft(1).isLeader());
    assertEquals(newLeader, net.raft(1).leader());
  }

  @Test
  void aProposalReachesAllInOrder() {
    Net net = Net.ledBy1(3);
    assertEquals(Raft.Accepted.YES, net.propose(1, "a", "b"));
    assertEquals(Raft.Accepted.NOT_LEADER, net.propose(2, "c"));
    net.settle();
    for (TestNode node : net.nodes.values()) {
      assertEquals(List.of("a", "b"), node.commands);
    }
  }
}
