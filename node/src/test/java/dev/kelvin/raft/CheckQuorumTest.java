package dev.kelvin.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Raft dissertation, 6.2: a leader that is not heard steps down. */
class CheckQuorumTest {
  @Test
  void aLeaderWithoutQuorumStepsDownWithinTwoTimeouts() {
    Net net = Net.ledBy1(3);
    net.isolate(1);
    for (int i = 0; i < 20; i++) {
      net.raft(1).tick();
      net.settle();
    }
    assertFalse(net.raft(1).isLeader());
    assertEquals(0, net.raft(1).leader());
  }

  @Test
  void learnersDoNotCountAsAQuorum() {
    Net net = Net.ledBy1(2);
    net.add(3, Membership.EMPTY);
    net.change(1, "learner 3");
    net.settle();
    net.isolate(2);
    net.pass(25);
    assertFalse(net.raft(1).isLeader());
  }

  @Test
  void aStaleLeaderLearnsOfTheNewTermFromAnAnswer() {
    Net net = Net.ledBy1(3);
    net.raft(2).step(new Message.VoteRequest(3, 2, 5, 99, 1, false, true, 0, 0));
    net.settle();
    net.tick(1, 1);
    net.settle();
    assertFalse(net.raft(1).isLeader());
    assertEquals(5, net.raft(1).term());
  }

  @Test
  void aLeaderWithABareMajorityStays() {
    Net net = Net.ledBy1(5);
    net.isolate(4, 5);
    net.pass(100);
    assertTrue(net.raft(1).isLeader());
    assertEquals(1, net.raft(1).term());
    assertFalse(net.peer(1, 4).active());
  }

  @Test
  void whoIsSilentIsKnownOnlyOnceALeaderHasLedForATimeout() {
    Net net = Net.of(3);
    net.isolate(3);
    net.elect(1);
    assertTrue(net.peer(1, 2).active());
    assertFalse(net.peer(1, 3).active());
    assertFalse(net.raft(1).status().settled(), "3 might only be slow to answer");
    net.pass(10);
    assertTrue(net.raft(1).status().settled());
    assertFalse(net.raft(2).status().settled(), "only a leader knows");
  }

  @Test
  void aSingleVoterStays() {
    Net net = Net.ledBy1(1);
    net.pass(100);
    assertTrue(net.raft(1).isLeader());
  }
}
