package dev.kelvin.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What a leader makes of a member's answers around a snapshot. */
class ProgressTest {
  private static final long FIRST_INDEX = 90;

  private static Progress sentSnapshot() {
    var peer = new Progress(2, 50, new Inflights(8, 1 << 20));
    peer.becomeSnapshot();
    peer.snapshotSent(100, true);
    assertEquals(101, peer.next());
    return peer;
  }

  @Test
  void anAnswerFromBeforeTheSnapshotAsksForNoOther() {
    var peer = sentSnapshot();
    peer.accepted(60, FIRST_INDEX);
    assertEquals(60, peer.match());
    assertEquals(101, peer.next(), "what follows the snapshot is still next");
    assertEquals(RaftStatus.State.PROBE, peer.state());
  }

  @Test
  void theAnswerToTheSnapshotLetsEntriesFlow() {
    var peer = sentSnapshot();
    peer.accepted(100, FIRST_INDEX);
    assertEquals(101, peer.next());
    assertEquals(RaftStatus.State.REPLICATE, peer.state());
  }
}
