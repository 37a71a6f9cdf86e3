package dev.kelvin.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Raft dissertation, chapter 4, one server at a time, in effect when applied. */
class MembershipDissertation4Test {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void theFounderReadsItsMembershipFromItsLogAndLeads() {
    TestNode node = new Net().add(1, Membership.EMPTY);
    node.disk.write(
        new Effects.Persist(
            new HardState(1, 1, 1),
            List.of(new Entry(1, 1, EntryKind.MEMBERSHIP, bytes("voter 1"))),
            List.of()));
    node.start(new Random(1));
    node.raft.campaign();
    assertEquals(RaftStatus.Role.FOLLOWER, node.raft.status().role(), "not a voter yet");
    Net net = new Net();
    net.nodes.put(1L, node);
    net.settle();
    net.pass(1);
    assertTrue(node.raft.isLeader());
    assertEquals(2, node.raft.term());
  }

  @Test
  void aJoinerLearnsCatchesUpAndIsPromoted() {
    Net net = Net.founded(1);
    net.propose(1, "a");
    net.add(2, Membership.EMPTY);
    assertEquals(Raft.Accepted.YES, net.change(1, "learner 2"));
    net.settle();
    assertEquals(List.of("a"), net.node(2).commands);
    assertTrue(net.peer(1, 2).learner());
    assertEquals(Raft.Accepted.YES, net.change(1, "voter 2"));
    net.settle();
    assertFalse(net.peer(1, 2).learner());
    assertEquals(Membership.of(List.of(1L, 2L), List.of()), net.node(2).membership);
    net.isolate(2);
    net.propose(1, "b");
    net.settle();
    assertEquals(List.of("a"), net.node(1).commands, "two voters: one alone commits nothing");
  }

  @Test
  void oneChangeAtATimeAndNoneBeforeAnEntryOfTheOwnTermIsCommitted() {
    Net net = Net.of(3);
    net.isolate(3);
    net.raft(1).campaign();
    while (!net.raft(1).isLeader()) {
      for (long id = 1; id <= 2; id++) {
        net.collect(id);
        while (!net.node(id).writes.isEmpty()) {
          net.wire.addAll(net.node(id).write());
        }
      }
      var due = List.copyOf(net.wire);
      net.wire.clear();
      due.forEach(net::deliver);
    }
    assertEquals(Raft.Accepted.CHANGE_PENDING, net.change(1, "learner 4"));
    net.settle();
    assertEquals(Raft.Accepted.YES, net.change(1, "learner 4"));
    assertEquals(Raft.Accepted.CHANGE_PENDING, net.change(1, "learner 5"));
    net.settle();
    assertEquals(Raft.Accepted.YES, net.change(1, "learner 5"));
  }

  @Test
  void nobodyCampaignsWhileACommittedChangeIsUnapplied() {
    Net net = Net.ledBy1(3);
    net.change(1, "learner 4");
    net.settle();
    TestNode node = net.node(2);
    var change = new Entry(3, 1, EntryKind.MEMBERSHIP, bytes("remove 4"));
    node.raft.step(new Message.AppendRequest(1, 2, 1, 2, 1, 3, List.of(change)));
    node.raft.campaign();
    assertEquals(RaftStatus.Role.FOLLOWER, node.raft.status().role(), "committed, not handed out");
    node.take();
    node.write();
    node.take();
    node.raft.campaign();
    assertEquals(RaftStatus.Role.FOLLOWER, node.raft.status().role(), "handed out, not applied");
    node.apply();
    node.raft.campaign();
    assertEquals(RaftStatus.Role.PRE_CANDIDATE, node.raft.status().role());
  }

  @Test
  void ofSeveralChangesInALogAllButTheLastAreAppliedBeforeACampaign() {
    var net = new Net();
    for (long id = 1; id <= 5; id++) {
      net.add(id, Membership.of(List.of(1L, 2L, 3L, 4L, 5L), List.of()));
    }
    TestNode node = net.node(5);
    // A torn write: the entries are there, that they are committed is not.
    node.disk.write(
        new Effects.Persist(
            new HardState(2, 1, 0),
            List.of(
                new Entry(1, 1, EntryKind.MEMBERSHIP, bytes("remove 2")),
                new Entry(2, 1, EntryKind.COMMAND, bytes("a")),
                new Entry(3, 1, EntryKind.MEMBERSHIP, bytes("remove 4")),
                new Entry(4, 2, EntryKind.COMMAND, bytes("b"))),
            List.of()));
    node.start(new Random(1));
    node.raft.campaign();
    assertEquals(RaftStatus.Role.FOLLOWER, node.raft.status().role(), "2 would still count");
    node.take();
    node.apply();
    assertEquals(Membership.of(List.of(1L, 3L, 4L, 5L), List.of()), node.membership);
    node.raft.campaign();
    assertEquals(RaftStatus.Role.PRE_CANDIDATE, node.raft.status().role());
    assertEquals(1, node.raft.status().commit(), "the last change may not be committed");
  }

  @Test
  void aLeaderThatRemovesItselfStepsDownOnceThatIsApplied() {
    Net net = Net.ledBy1(3);
    net.change(1, "remove 1");
    assertTrue(net.raft(1).isLeader());
    net.settle();
    assertFalse(net.raft(1).isLeader());
    net.pass(40);
    assertEquals(0, net.raft(1).status().peers().size());
    assertTrue(net.raft(2).isLeader() || net.raft(3).isLeader());
    assertEquals(List.of(2L, 3L), List.copyOf(net.node(2).membership.voters()));
  }

  @Test
  void aLeaderThatRemovedItselfTellsThoseWhomItsWordOfThatDidNotReach() {
    Net net = Net.founded(4);
    net.isolate(4);
    assertEquals(Raft.Accepted.YES, net.change(1, "remove 1"));
    long removal = net.raft(1).lastIndex();
    net.drop =
        message ->
            message.from() == 4
                || message.to() == 4
                || (message instanceof Message.AppendRequest append && append.commit() >= removal);
    net.settle();
    assertFalse(net.raft(1).isLeader());
    assertEquals(4, net.node(2).membership.voters().size(), "two of four: they need its vote");
    net.pass(40);
    assertTrue(net.raft(2).isLeader() || net.raft(3).isLeader());
    assertEquals(List.of(2L, 3L, 4L), List.copyOf(net.node(2).membership.voters()));
  }

  @Test
  void aRemovalCanCommitWhatWaitedForTheRemovedOne() {
    Net net = Net.ledBy1(2);
    net.change(1, "remove 2");
    net.collect(1);
    net.propose(1, "a");
    net.collect(1);
    net.raft(1).step(new Message.AppendResponse(2, 1, 1, true, 2, 0, 0));
    net.wire.clear();
    net.isolate(2);
    net.settle();
    assertEquals(List.of("a"), net.node(1).commands);
  }

  @Test
  void aLearnerVotesWhenAskedButNeverCampaigns() {
    Net net = Net.ledBy1(1);
    net.add(2, Membership.EMPTY);
    net.change(1, "learner 2");
    net.settle();
    net.isolate(2);
    net.tick(2, 100);
    net.raft(2).campaign();
    assertEquals(RaftStatus.Role.FOLLOWER, net.raft(2).status().role());
    net.raft(2).step(new Message.VoteRequest(7, 2, 9, 99, 9, false, false, 0, 0));
    net.collect(2);
    var response = (Message.VoteResponse) net.node(2).write().getLast();
    assertTrue(response.granted());
  }

  @Test
  void whatOnlyLearnersHaveIsNotCommitted() {
    Net net = Net.founded(2);
    net.add(3, Membership.EMPTY);
    net.add(4, Membership.EMPTY);
    net.change(1, "learner 3");
    net.settle();
    net.change(1, "learner 4");
    net.settle();
    net.isolate(2);
    net.propose(1, "a");
    net.settle();
    net.pass(2);
    assertEquals(net.raft(1).status().lastIndex(), net.peer(1, 4).match());
    assertEquals(List.of(), net.node(1).commands);
  }

  @Test
  void aCandidateThatIsRemovedGivesUp() {
    Net net = Net.of(3);
    net.raft(1).campaign();
    net.raft(1).membershipApplied(0, Membership.of(List.of(2L, 3L), List.of()));
    assertEquals(RaftStatus.Role.FOLLOWER, net.raft(1).status().role());
  }
}
