package dev.kelvin.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Raft dissertation, 6.4: linearizable reads without log entries. */
class ReadIndexDissertation64Test {
  private static List<Effects.ReadState> reads(Net net, long id) {
    return net.node(id).reads;
  }

  private static Effects.ReadState read(long context, long index) {
    return new Effects.ReadState(context, index);
  }

  @Test
  void aRoundServesTheReadsThatWaitedWhenItWasSentAndNoLaterOne() {
    Net net = Net.ledBy1(3);
    net.raft(1).readIndex(10);
    net.collect(1);
    // Committed after the round began: a later read must see it.
    net.raft(1).readIndex(11);
    net.raft(1).step(new Message.HeartbeatResponse(2, 1, 1, 1));
    net.collect(1);
    assertEquals(List.of(read(10, 1)), reads(net, 1));
    net.raft(1).step(new Message.HeartbeatResponse(3, 1, 1, 1));
    net.collect(1);
    assertEquals(1, reads(net, 1).size(), "an answer to the first round says nothing about 11");
    net.raft(1).step(new Message.HeartbeatResponse(3, 1, 1, 2));
    net.collect(1);
    assertEquals(List.of(read(10, 1), read(11, 1)), reads(net, 1));
  }

  @Test
  void learnersConfirmNothing() {
    Net net = Net.ledBy1(3);
    net.change(1, "learner 4");
    net.settle();
    net.raft(1).readIndex(10);
    net.collect(1);
    net.raft(1).step(new Message.HeartbeatResponse(4, 1, 1, 1));
    net.raft(1).step(new Message.HeartbeatResponse(9, 1, 1, 1));
    net.collect(1);
    assertTrue(reads(net, 1).isEmpty());
  }

  @Test
  void aSingleVoterAnswersAtOnce() {
    Net net = Net.ledBy1(1);
    net.propose(1, "a");
    net.settle();
    net.raft(1).readIndex(10);
    net.collect(1);
    assertEquals(List.of(read(10, 2)), reads(net, 1));
  }

  @Test
  void evenASingleVoterWaitsForAnEntryOfItsOwnTerm() {
    Net net = Net.of(1);
    net.raft(1).campaign();
    net.collect(1);
    net.node(1).write();
    assertTrue(net.raft(1).isLeader());
    net.raft(1).readIndex(10);
    net.collect(1);
    assertTrue(reads(net, 1).isEmpty(), "its first entry is not committed");
    net.node(1).write();
    net.collect(1);
    assertEquals(List.of(read(10, 1)), reads(net, 1));
  }

  @Test
  void whatALearnerConfirmedDoesNotCountOnceItVotes() {
    Net net = Net.ledBy1(3);
    net.change(1, "learner 4");
    net.settle();
    net.raft(1).readIndex(10);
    net.collect(1);
    net.raft(1).step(new Message.HeartbeatResponse(4, 1, 1, 1));
    net.raft(1).membershipApplied(2, Membership.of(List.of(1L, 4L), List.of()));
    net.collect(1);
    assertTrue(reads(net, 1).isEmpty());
    net.raft(1).step(new Message.HeartbeatResponse(4, 1, 1, 1));
    net.collect(1);
    assertEquals(List.of(read(10, 2)), reads(net, 1));
  }

  @Test
  void aLostRoundIsSentAgainWithTheNextHeartbeat() {
    Net net = Net.ledBy1(3);
    net.raft(1).readIndex(10);
    net.collect(1);
    net.wire.clear();
    net.tick(1, 1);
    net.settle();
    assertEquals(List.of(read(10, 1)), reads(net, 1));
  }

  @Test
  void aFollowerAsksTheLeader() {
    Net net = Net.ledBy1(3);
    net.propose(1, "a");
    net.settle();
    net.raft(3).readIndex(10);
    net.settle();
    assertEquals(List.of(read(10, 2)), reads(net, 3));
  }

  @Test
  void aLostQuestionIsGivenUpAfterAnElectionTimeout() {
    Net net = Net.ledBy1(3);
    net.raft(3).readIndex(10);
    net.collect(3);
    net.wire.clear();
    net.pass(9);
    assertTrue(reads(net, 3).isEmpty());
    net.pass(1);
    assertEquals(List.of(read(10, -1)), reads(net, 3));
    net.raft(3).step(new Message.ReadIndexResponse(1, 3, 1, 10, 1));
    net.settle();
    assertEquals(1, reads(net, 3).size(), "each read ends once");
  }

  @Test
  void withoutLeaderAReadIsRefusedAtOnce() {
    Net net = Net.of(3);
    net.raft(1).readIndex(10);
    net.raft(2).step(new Message.ReadIndexRequest(1, 2, 0, 11));
    net.collect(1);
    assertEquals(List.of(read(10, -1)), reads(net, 1));
    assertEquals(List.of(new Message.ReadIndexResponse(2, 1, 0, 11, -1)), net.collect(2));
  }

  @Test
  void aChangeOfLeaderEndsEveryPendingRead() {
    Net net = Net.ledBy1(3);
    net.raft(1).readIndex(10);
    net.raft(3).readIndex(11);
    net.collect(1);
    net.collect(3);
    net.wire.clear();
    net.isolate(1);
    net.raft(2).leaderConnectionLost(1);
    net.raft(3).leaderConnectionLost(1);
    net.pass(5);
    assertEquals(List.of(read(11, -1)), reads(net, 3));
    net.heal();
    net.pass(2);
    assertEquals(List.of(read(10, -1)), reads(net, 1));
  }

  @Test
  void aDeposedLeaderConfirmsNothing() {
    Net net = Net.ledBy1(3);
    net.isolate(1);
    net.raft(2).leaderConnectionLost(1);
    net.raft(3).leaderConnectionLost(1);
    net.pass(5);
    assertTrue(net.raft(1).isLeader(), "it does not know yet");
    net.raft(1).readIndex(10);
    net.heal();
    net.pass(1);
    assertEquals(List.of(read(10, -1)), reads(net, 1));
  }
}
