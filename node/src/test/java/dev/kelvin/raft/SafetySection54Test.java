package dev.kelvin.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Raft paper, 5.4 and 5.5: who may lead, what is committed, what survives a crash. */
class SafetySection54Test {
  private static final Membership THREE = Membership.of(List.of(1L, 2L, 3L), List.of());

  private static TestNode voter(long term, int... terms) {
    TestNode node = new Net().add(1, THREE);
    var entries = new ArrayList<Entry>();
    for (int each : terms) {
      entries.add(new Entry(entries.size() + 1, each, EntryKind.COMMAND, new byte[0]));
    }
    node.disk.write(new Effects.Persist(new HardState(term, 0, 0), entries, List.of()));
    node.start(new Random(1));
    return node;
  }

  private static boolean granted(TestNode node, Message.VoteRequest request) {
    node.raft.step(request);
    var messages = new ArrayList<>(node.take());
    while (!node.writes.isEmpty()) {
      messages.addAll(node.write());
    }
    return ((Message.VoteResponse) messages.getLast()).granted();
  }

  private static Message.VoteRequest request(long from, long term, long index, long lastTerm) {
    return new Message.VoteRequest(from, 1, term, index, lastTerm, false, false, 0, 0);
  }

  @Test
  void aVoteGoesOnlyToALogAtLeastAsUpToDate() {
    assertTrue(granted(voter(2, 1, 2), request(2, 3, 2, 2)));
    assertTrue(granted(voter(2, 1, 2), request(2, 3, 3, 2)));
    assertTrue(granted(voter(2, 1, 2), request(2, 3, 1, 3)));
    assertFalse(granted(voter(2, 1, 2), request(2, 3, 1, 2)), "shorter");
    assertFalse(granted(voter(2, 1, 2), request(2, 3, 9, 1)), "longer, but of an older term");
  }

  @Test
  void onlyOneVotePerTermAndItSurvivesACrash() {
    TestNode node = voter(1, 1);
    assertTrue(granted(node, request(2, 2, 1, 1)));
    assertTrue(granted(node, request(2, 2, 1, 1)), "the same candidate may ask again");
    assertFalse(granted(node, request(3, 2, 1, 1)));
    node.start(new Random(2));
    assertFalse(granted(node, request(3, 2, 1, 1)));
    assertTrue(granted(node, request(3, 3, 1, 1)), "a new term, a new vote");
  }

  @Test
  void aVoteIsAnsweredOnlyOnceItIsDurable() {
    TestNode node = voter(1, 1);
    node.raft.step(request(2, 2, 1, 1));
    assertEquals(List.of(), node.take());
    assertEquals(new HardState(2, 2, 0), node.writes.peek().hardState());
    assertEquals(1, node.write().size());
  }

  @Test
  void aCandidateAsksAndCountsItselfOnlyOnceItsOwnVoteIsDurable() {
    TestNode node = new Net().add(1, Membership.of(List.of(1L), List.of()));
    node.raft.campaign();
    node.take();
    assertFalse(node.raft.isLeader());
    node.write();
    assertTrue(node.raft.isLeader());
  }

  /** Figure 8: an entry of an old term is not committed by counting replicas. */
  @Test
  void entriesOfOlderTermsAreCommittedOnlyThroughOneOfTheOwnTerm() {
    TestNode node = voter(2, 1, 2);
    node.raft.campaign();
    node.take();
    node.raft.step(new Message.VoteResponse(2, 1, 3, true, true));
    node.take();
    node.write();
    node.raft.step(new Message.VoteResponse(2, 1, 3, false, true));
    assertTrue(node.raft.isLeader());
    node.take();
    node.write();
    node.raft.step(new Message.AppendResponse(2, 1, 3, true, 2, 0, 0));
    assertEquals(0, node.raft.status().commit(), "a majority has entry 2, but it is of term 2");
    node.raft.step(new Message.AppendResponse(2, 1, 3, true, 3, 0, 0));
    assertEquals(3, node.raft.status().commit());
  }

  @Test
  void aLeaderCountsItselfOnlyForWhatItHasWritten() {
    Net net = Net.ledBy1(3);
    net.propose(1, "a");
    net.collect(1);
    net.raft(1).step(new Message.AppendResponse(2, 1, 1, true, 2, 0, 0));
    assertEquals(1, net.raft(1).status().commit());
    net.node(1).write();
    assertEquals(2, net.raft(1).status().commit());
  }

  @Test
  void anAcknowledgementOfAReplacedWriteCountsForNothing() {
    Net net = Net.ledBy1(3);
    TestNode node = net.node(3);
    var old = new Entry(2, 1, EntryKind.COMMAND, new byte[1]);
    node.raft.step(new Message.AppendRequest(1, 3, 1, 1, 1, 1, List.of(old)));
    node.take();
    var replacing = new Entry(2, 2, EntryKind.COMMAND, new byte[2]);
    node.raft.step(new Message.AppendRequest(2, 3, 2, 1, 1, 2, List.of(replacing)));
    node.raft.step(new Message.AppendRequest(2, 3, 2, 2, 2, 2, List.of()));
    assertEquals(List.of(), node.take(), "no promise before it is written");
    assertEquals(1, node.writes.size(), "the new write waits for the old one");
    node.write();
    node.take();
    assertTrue(node.applying.isEmpty(), "committed, but what is on the disk is the old entry");
    assertEquals(1, node.writes.size(), "now the new write may go");
    assertEquals(2, node.write().size());
    node.take();
    assertEquals(replacing, node.applying.peek());
  }

  @Test
  void aDamagedLogIsNotBelieved() {
    var disk = new MemoryLog();
    var config = Net.config(1);
    assertThrows(
        IllegalStateException.class,
        () -> new Raft(config, disk, new HardState(1, 0, 3), THREE, 0, new Random(1)));
    assertThrows(
        IllegalStateException.class,
        () -> new Raft(config, disk, HardState.EMPTY, THREE, 4, new Random(1)));
    Net net = Net.ledBy1(3);
    assertThrows(
        IllegalStateException.class,
        () -> net.raft(1).step(new Message.AppendResponse(2, 1, 1, true, 9, 0, 0)));
    assertThrows(
        IllegalStateException.class, () -> net.raft(2).step(new Message.Heartbeat(1, 2, 1, 9, 0)));
    assertThrows(
        IllegalStateException.class,
        () -> net.raft(2).step(new Message.Heartbeat(3, 2, 1, 1, 0)),
        "two leaders in one term");
  }
}
