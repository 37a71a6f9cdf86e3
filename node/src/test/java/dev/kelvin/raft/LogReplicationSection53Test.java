package dev.kelvin.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Raft paper, 5.3: log replication. */
class LogReplicationSection53Test {
  private static Entry entry(long index, long term) {
    return new Entry(index, term, EntryKind.COMMAND, new byte[] {(byte) term});
  }

  /** A follower in the highest term of its log, whose entries have these terms. */
  private static TestNode follower(int... terms) {
    Net net = new Net();
    TestNode node = net.add(1, Membership.of(List.of(1L, 2L, 3L), List.of()));
    var entries = new ArrayList<Entry>();
    for (int term : terms) {
      entries.add(entry(entries.size() + 1, term));
    }
    long term = terms.length == 0 ? 0 : terms[terms.length - 1];
    node.disk.write(new Effects.Persist(new HardState(term, 0, 0), entries, List.of()));
    node.start(new Random(1));
    return node;
  }

  private static Message.AppendResponse answer(TestNode node, Message.AppendRequest request) {
    node.raft.step(request);
    var messages = new ArrayList<>(node.take());
    while (!node.writes.isEmpty()) {
      messages.addAll(node.write());
    }
    return (Message.AppendResponse) messages.getLast();
  }

  private static Message.AppendRequest append(
      long term, long prevIndex, long prevTerm, long commit, Entry... entries) {
    return new Message.AppendRequest(2, 1, term, prevIndex, prevTerm, commit, List.of(entries));
  }

  private static List<Long> terms(TestNode node) {
    return node.disk.entries(1, node.disk.lastIndex() + 1, Long.MAX_VALUE).stream()
        .map(Entry::term)
        .toList();
  }

  @Test
  void aFollowerRefusesWhatDoesNotFollowItsLogAndSaysWhereItsTermEnds() {
    var response = answer(follower(1, 1, 4, 4), append(9, 6, 5, 0, entry(7, 9)));
    assertEquals(new Message.AppendResponse(1, 2, 9, false, 6, 4, 4), response);
  }

  @Test
  void theHintSkipsTermsThatTheLeaderCannotHave() {
    // Figure 7 (f): a follower with entries of terms 2 and 3 that the leader never saw.
    var node = follower(1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3);
    var response = answer(node, append(8, 10, 1, 0));
    assertEquals(new Message.AppendResponse(1, 2, 8, false, 10, 3, 1), response);
  }

  @Test
  void aConflictReplacesEverythingFromThereOn() {
    var node = follower(1, 1, 2, 2, 2);
    var response = answer(node, append(3, 2, 1, 3, entry(3, 3)));
    assertTrue(response.accepted());
    assertEquals(3, response.index());
    assertEquals(List.of(1L, 1L, 3L), terms(node));
    assertEquals(3, node.raft.status().commit());
  }

  @Test
  void anOldMessageThatMatchesTruncatesNothing() {
    var node = follower(1, 1, 1);
    var response = answer(node, append(1, 0, 0, 0, entry(1, 1)));
    assertEquals(1, response.index());
    assertEquals(List.of(1L, 1L, 1L), terms(node));
  }

  @Test
  void aFollowerCommitsOnlyWhatItKnowsToMatch() {
    var node = follower(1, 1, 1);
    answer(node, append(1, 1, 1, 3));
    assertEquals(1, node.raft.status().commit());
  }

  @Test
  void whatIsCommittedIsNeverReplaced() {
    var node = follower(1, 1);
    answer(node, append(1, 2, 1, 2));
    assertEquals(2, answer(node, append(2, 0, 0, 2, entry(1, 2))).index());
    assertEquals(List.of(1L, 1L), terms(node));
  }

  @Test
  void everyLogOfFigure7IsMadeEqualToTheLeaders() {
    int[] leaderTerms = {1, 1, 1, 4, 4, 5, 5, 6, 6, 6};
    int[][] followers = {
      {1, 1, 1, 4, 4, 5, 5, 6, 6},
      {1, 1, 1, 4},
      {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6},
      {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7},
      {1, 1, 1, 4, 4, 4, 4},
      {1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3},
    };
    for (int[] terms : followers) {
      Net net = new Net();
      var members = Membership.of(List.of(1L, 2L, 3L), List.of());
      fill(net.add(1, members), leaderTerms);
      fill(net.add(2, members), terms);
      fill(net.add(3, members), new int[0]);
      net.raft(1).campaign();
      net.settle();
      if (!net.raft(1).isLeader()) {
        net.raft(1).campaign();
        net.settle();
      }
      assertTrue(net.raft(1).isLeader());
      net.pass(3);
      assertEquals(terms(net.node(1)), terms(net.node(2)));
      assertEquals(terms(net.node(1)), terms(net.node(3)));
      assertEquals(11, net.node(2).applied);
    }
  }

  private static void fill(TestNode node, int[] terms) {
    var entries = new ArrayList<Entry>();
    for (int term : terms) {
      entries.add(entry(entries.size() + 1, term));
    }
    node.disk.write(new Effects.Persist(new HardState(7, 0, 0), entries, List.of()));
    node.start(new Random(1));
  }

  @Test
  void manyProposalsBecomeOneMessagePerFollower() {
    Net net = Net.ledBy1(3);
    net.propose(1, "a", "b");
    net.propose(1, "c");
    List<Message> sent = net.collect(1);
    assertEquals(2, sent.size());
    for (Message message : sent) {
      assertEquals(3, ((Message.AppendRequest) message).entries().size());
    }
  }
}
