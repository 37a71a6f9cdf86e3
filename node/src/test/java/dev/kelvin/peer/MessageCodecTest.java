package dev.kelvin.peer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.peer.PeerMessage.Consensus;
import dev.kelvin.peer.PeerMessage.Forward;
import dev.kelvin.peer.PeerMessage.ForwardRefused;
import dev.kelvin.peer.PeerMessage.Reason;
import dev.kelvin.raft.Entry;
import dev.kelvin.raft.EntryKind;
import dev.kelvin.raft.Membership;
import dev.kelvin.raft.Message.AppendRequest;
import dev.kelvin.raft.Message.AppendResponse;
import dev.kelvin.raft.Message.Heartbeat;
import dev.kelvin.raft.Message.HeartbeatResponse;
import dev.kelvin.raft.Message.InstallSnapshot;
import dev.kelvin.raft.Message.ReadIndexRequest;
import dev.kelvin.raft.Message.ReadIndexResponse;
import dev.kelvin.raft.Message.TimeoutNow;
import dev.kelvin.raft.Message.VoteRequest;
import dev.kelvin.raft.Message.VoteResponse;
import dev.kelvin.raft.SnapshotMeta;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessageCodecTest {
  private static final List<PeerMessage> ALL =
      List.of(
          new Consensus(new VoteRequest(1, 2, 3, 4, 5, true, false, 0, 0)),
          new Consensus(new VoteResponse(-1, 2, 3, false, true)),
          new Consensus(new AppendRequest(1, 2, 3, 10, 2, 9, List.of())),
          new Consensus(new AppendResponse(1, 2, 3, false, 10, 7, 2)),
          new Consensus(new Heartbeat(1, 2, 3, 4, 5)),
          new Consensus(new HeartbeatResponse(1, 2, 3, 5)),
          new Consensus(
              new InstallSnapshot(
                  1,
                  2,
                  3,
                  new SnapshotMeta(
                      100, 3, Membership.of(List.of(1L, 2L), List.of(Long.MIN_VALUE))))),
          new Consensus(new ReadIndexRequest(1, 2, 3, Long.MAX_VALUE)),
          new Consensus(new ReadIndexResponse(1, 2, 3, 77, -1)),
          new Consensus(new TimeoutNow(1, 2, 3)),
          new ForwardRefused(1, 2, 3, Reason.CHANGE_PENDING, new long[0]));

  @Test
  void everyMessageComesBackAsItWas() {
    assertEquals(ALL, withoutArrays(MessageCodec.decode(MessageCodec.encode(ALL))));
  }

  private static List<PeerMessage> withoutArrays(List<PeerMessage> messages) {
    // Records compare arrays by identity; the one message here that has an array has an empty one.
    return messages.stream()
        .map(
            m ->
                m instanceof ForwardRefused refused && refused.requests().length == 0
                    ? ALL.getLast()
                    : m)
        .toList();
  }

  @Test
  void entriesAndCommandsKeepTheirBytes() {
    var append =
        new AppendRequest(
            1,
            2,
            3,
            41,
            2,
            40,
            List.of(
                new Entry(42, 2, EntryKind.NOOP, new byte[0]),
                new Entry(43, 3, EntryKind.MEMBERSHIP, new byte[] {1, 2, 3})));
    var forward =
        new Forward(1, 2, 9, false, new long[] {5, 6}, List.of(new byte[] {1}, new byte[] {}));

    var back = MessageCodec.decode(MessageCodec.encode(List.of(new Consensus(append), forward)));

    var appendBack = (AppendRequest) ((Consensus) back.get(0)).message();
    assertEquals(43, appendBack.entries().get(1).index());
    assertEquals(EntryKind.MEMBERSHIP, appendBack.entries().get(1).kind());
    assertArrayEquals(new byte[] {1, 2, 3}, appendBack.entries().get(1).data());
    var forwardBack = (Forward) back.get(1);
    assertArrayEquals(new long[] {5, 6}, forwardBack.requests());
    assertArrayEquals(new byte[] {1}, forwardBack.commands().get(0));
    assertEquals(0, forwardBack.commands().get(1).length);
  }

  @Test
  void aFrameCutAnywhereIsRefusedAndNeverMisread() {
    var frame = MessageCodec.encode(ALL);
    for (int length = 0; length < frame.length; length++) {
      var cut = Arrays.copyOf(frame, length);
      try {
        var read = MessageCodec.decode(cut);
        assertEquals(ALL.subList(0, read.size()), withoutArrays(read));
        assertTrue(read.size() < ALL.size());
      } catch (MalformedMessageException e) {
        assertTrue(e.getMessage() != null);
      }
    }
  }

  @Test
  void randomBytesCostNoMoreThanTheirLength() {
    var random = new Random(42);
    for (int i = 0; i < 20_000; i++) {
      var bytes = new byte[1 + random.nextInt(80)];
      random.nextBytes(bytes);
      bytes[0] = MessageCodec.MAX_VERSION;
      try {
        MessageCodec.decode(bytes);
      } catch (MalformedMessageException e) {
        assertTrue(e.getMessage() != null);
      }
    }
  }

  @Test
  void aNewerFormatIsRefusedByName() {
    var e =
        assertThrows(
            MalformedMessageException.class, () -> MessageCodec.decode(new byte[] {9, 1, 2}));
    assertEquals("peer message format 9, this build reads up to 1", e.getMessage());
  }
}
