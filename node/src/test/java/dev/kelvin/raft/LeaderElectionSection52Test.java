package dev.kelvin.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
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
  void twoSplitVotesInARowCostLessThanATimeoutEvenWithTheLongestWaits() {
    var second = new Draws();
    var third = new Draws();
    Net net = leaderless(second, third);
    assertEquals(20, ticksUntilTerm(net, 2), "both suspected the leader for equally long");
    third.belowLongest = 1;
    assertEquals(39, ticksUntilTerm(net, 3), "both stood again at once");
    assertEquals(38, ticksUntilTerm(net, 4));
    assertTrue(net.raft(3).isLeader());
    assertEquals(3, net.raft(2).leader());
  }

  @Test
  void afterThreeSplitVotesCandidatesWaitAWholeTimeoutAgain() {
    Net net = leaderless(new Draws(), new Draws());
    var waits = new ArrayList<Integer>();
    for (int term = 2; term <= 6; term++) {
      waits.add(ticksUntilTerm(net, term));
    }
    assertEquals(List.of(20, 39, 39, 39, 149), waits);
    assertFalse(net.raft(2).isLeader() || net.raft(3).isLeader());
  }

  @Test
  void splitVotesWithDrawnWaitsAreResolvedWellWithinATimeout() {
    int total = 0;
    int groups = 200;
    for (int seed = 0; seed < groups; seed++) {
      var second = new Draws();
      var third = new Draws();
      Net net = leaderless(second, third);
      var random = new Random(seed);
      second.random = random;
      third.random = random;
      // The suspicion is drawn already, and the same for both.
      int ticks = ticksUntilTerm(net, 2);
      while (!net.raft(2).isLeader() && !net.raft(3).isLeader()) {
        net.pass(1);
        ticks++;
      }
      assertTrue(net.raft(2).term() > 2, "no split vote");
      total += ticks;
    }
    assertTrue(total / groups < 50, "took " + total / groups + " ticks on average");
  }

  /** Three members with a T of 100 ticks, of which 2 and 3 just lost their leader 1. */
  private static Net leaderless(Draws second, Draws third) {
    var net = new Net();
    Membership all = Membership.of(Set.of(1L, 2L, 3L), Set.of());
    for (long id = 1; id <= 3; id++) {
      var random = id == 1 ? new Random(1) : id == 2 ? second : third;
      net.nodes.put(id, new TestNode(RaftConfig.defaults(id), all, random));
    }
    net.elect(1);
    net.isolate(1);
    net.raft(2).leaderConnectionLost(1);
    net.raft(3).leaderConnectionLost(1);
    return net;
  }

  /** Lets the time of 2 and 3 pass until one of them reaches that term. */
  private static int ticksUntilTerm(Net net, long term) {
    int ticks = 0;
    while (net.raft(2).term() < term && net.raft(3).term() < term) {
      net.pass(1);
      ticks++;
    }
    return ticks;
  }

  /** Draws what is less than the longest by so much, unless told to draw at random. */
  private static final class Draws implements RandomGenerator {
    int belowLongest;
    Random random;

    @Override
    public int nextInt(int bound) {
      return random != null ? random.nextInt(bound) : bound - 1 - belowLongest;
    }

    @Override
    public long nextLong() {
      throw new UnsupportedOperationException();
    }
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
