package dev.kelvin.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Raft dissertation, 9.6 (pre-vote) and 4.2.3 (leases against votes). */
class PreVoteDissertation96Test {
  @Test
  void oneThatWasCutOffDoesNotRaiseTheTerm() {
    Net net = Net.ledBy1(3);
    net.isolate(3);
    net.pass(100);
    net.heal();
    net.pass(5);
    assertTrue(net.raft(1).isLeader());
    assertEquals(1, net.raft(1).term());
    assertEquals(1, net.raft(3).leader());
  }

  @Test
  void aRemovedMemberDisturbsNobody() {
    Net net = Net.ledBy1(3);
    net.isolate(3);
    net.change(1, "remove 3");
    net.settle();
    net.heal();
    net.pass(100);
    assertTrue(net.raft(1).isLeader());
    assertEquals(1, net.raft(1).term());
  }

  @Test
  void aVoteIsRefusedWhileALeaderIsHeard() {
    Net net = Net.ledBy1(3);
    net.raft(2).step(new Message.VoteRequest(3, 2, 9, 99, 9, false, false, 0, 0));
    assertEquals(1, net.raft(2).term());
    net.raft(2).step(new Message.VoteRequest(3, 2, 9, 99, 9, false, true, 0, 0));
    assertEquals(9, net.raft(2).term(), "the leader itself asked for that election");
  }

  @Test
  void aBrokenConnectionShortensTheWaitButAHeartbeatRestoresIt() {
    Net net = Net.ledBy1(3);
    net.raft(2).leaderConnectionLost(1);
    net.raft(3).leaderConnectionLost(1);
    net.isolate(1);
    net.pass(5);
    assertTrue(net.raft(2).isLeader() || net.raft(3).isLeader());

    Net other = Net.ledBy1(3);
    other.raft(2).leaderConnectionLost(1);
    other.tick(1, 1);
    other.settle();
    other.isolate(1);
    for (int i = 0; i < 9; i++) {
      other.raft(2).tick();
      other.settle();
    }
    assertEquals(1, other.raft(2).leader());
  }

  @Test
  void aPreVoteGrantedForAnotherTermDoesNotCount() {
    Net net = Net.ledBy1(3);
    net.tick(2, 20);
    net.collect(2);
    assertEquals(RaftStatus.Role.PRE_CANDIDATE, net.raft(2).status().role());
    net.raft(2).step(new Message.VoteResponse(3, 2, 1, true, true));
    net.raft(2).step(new Message.VoteResponse(3, 2, 5, true, true));
    assertEquals(RaftStatus.Role.PRE_CANDIDATE, net.raft(2).status().role());
    assertEquals(1, net.raft(2).term());
    net.raft(2).step(new Message.VoteResponse(3, 2, 2, true, true));
    assertEquals(RaftStatus.Role.CANDIDATE, net.raft(2).status().role());
  }

  @Test
  void aHintAboutAnotherThanTheLeaderChangesNothing() {
    Net net = Net.ledBy1(3);
    net.raft(2).leaderConnectionLost(3);
    net.tick(2, 9);
    net.settle();
    assertEquals(RaftStatus.Role.FOLLOWER, net.raft(2).status().role());
  }
}
