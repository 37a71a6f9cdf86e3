package dev.kelvin.peer;

import dev.kelvin.peer.PeerMessage.Consensus;
import dev.kelvin.peer.PeerMessage.Forward;
import dev.kelvin.peer.PeerMessage.ForwardRefused;
import dev.kelvin.peer.PeerMessage.Reason;
import dev.kelvin.raft.Entry;
import dev.kelvin.raft.EntryKind;
import dev.kelvin.raft.Membership;
import dev.kelvin.raft.Message;
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
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Peer messages as bytes. A frame is a format version (1 byte) and any number of messages; a
 * message is its type (1), sender (8), receiver (8) and its fields in the order of its record,
 * numbers big-endian, lists and byte strings behind a 4-byte length. Layouts:
 * docs/peer-protocol.md.
 */
public final class MessageCodec {
  /** Formats this build reads and writes; two nodes use the highest that both know. */
  public static final int MIN_VERSION = 1;

  public static final int MAX_VERSION = 1;

  private static final int VOTE_REQUEST = 1;
  private static final int VOTE_RESPONSE = 2;
  private static final int APPEND_REQUEST = 3;
  private static final int APPEND_RESPONSE = 4;
  private static final int HEARTBEAT = 5;
  private static final int HEARTBEAT_RESPONSE = 6;
  private static final int INSTALL_SNAPSHOT = 7;
  private static final int READ_INDEX_REQUEST = 8;
  private static final int READ_INDEX_RESPONSE = 9;
  private static final int TIMEOUT_NOW = 10;
  private static final int FORWARD = 16;
  private static final int FORWARD_REFUSED = 17;

  /** Bytes of an entry in a message, beyond its data. */
  private static final int ENTRY_HEADER = 8 + 1 + 4;

  private MessageCodec() {}

  /** Bytes the message takes in a frame, at most. */
  public static int size(PeerMessage message) {
    return 64
        + switch (message) {
          case Consensus(AppendRequest append) -> {
            int size = 0;
            for (var entry : append.entries()) {
              size += ENTRY_HEADER + entry.data().length;
            }
            yield size;
          }
          case Consensus(InstallSnapshot install) -> {
            var members = install.snapshot().membership();
            yield 8 * (members.voters().size() + members.learners().size());
          }
          case Consensus ignored -> 0;
          case Forward forward -> {
            int size = 12 * forward.requests().length;
            for (var command : forward.commands()) {
              size += command.length;
            }
            yield size;
          }
          case ForwardRefused refused -> 8 * refused.requests().length;
        };
  }

  public static byte[] encode(List<PeerMessage> messages) {
    int size = 1;
    for (var message : messages) {
      size += size(message);
    }
    var out = new ByteWriter(size);
    out.u8(MAX_VERSION);
    for (var message : messages) {
      encode(message, out);
    }
    return out.toByteArray();
  }

  /**
   * @throws MalformedMessageException when the bytes are no frame of a version known here
   */
  public static List<PeerMessage> decode(byte[] frame) {
    var in = new ByteReader(frame);
    int version = in.u8();
    if (version < MIN_VERSION || version > MAX_VERSION) {
      throw new MalformedMessageException(
          "peer message format " + version + ", this build reads up to " + MAX_VERSION);
    }
    var messages = new ArrayList<PeerMessage>();
    while (!in.atEnd()) {
      messages.add(decode(in));
    }
    return messages;
  }

  private static void encode(PeerMessage message, ByteWriter out) {
    switch (message) {
      case Consensus(var consensus) -> encode(consensus, out);
      case Forward m -> {
        head(out, FORWARD, m.from(), m.to()).i64(m.term()).bool(m.membership());
        longs(m.requests(), out);
        for (var command : m.commands()) {
          out.bytes(command);
        }
      }
      case ForwardRefused m -> {
        head(out, FORWARD_REFUSED, m.from(), m.to()).i64(m.term()).u8(m.reason().code());
        longs(m.requests(), out);
      }
    }
  }

  private static void encode(Message message, ByteWriter out) {
    switch (message) {
      case VoteRequest m ->
          head(out, VOTE_REQUEST, m)
              .i64(m.lastIndex())
              .i64(m.lastTerm())
              .bool(m.preVote())
              .bool(m.transfer())
              .i64(m.commit())
              .i64(m.commitTerm());
      case VoteResponse m -> head(out, VOTE_RESPONSE, m).bool(m.preVote()).bool(m.granted());
      case AppendRequest m -> {
        head(out, APPEND_REQUEST, m).i64(m.prevIndex()).i64(m.prevTerm()).i64(m.commit());
        out.i32(m.entries().size());
        for (var entry : m.entries()) {
          out.i64(entry.term()).u8(entry.kind().code()).bytes(entry.data());
        }
      }
      case AppendResponse m ->
          head(out, APPEND_RESPONSE, m)
              .bool(m.accepted())
              .i64(m.index())
              .i64(m.hintIndex())
              .i64(m.hintTerm());
      case Heartbeat m -> head(out, HEARTBEAT, m).i64(m.commit()).i64(m.round());
      case HeartbeatResponse m -> head(out, HEARTBEAT_RESPONSE, m).i64(m.round());
      case InstallSnapshot m -> {
        head(out, INSTALL_SNAPSHOT, m).i64(m.snapshot().index()).i64(m.snapshot().term());
        longs(m.snapshot().membership().voters(), out);
        longs(m.snapshot().membership().learners(), out);
      }
      case ReadIndexRequest m -> head(out, READ_INDEX_REQUEST, m).i64(m.context());
      case ReadIndexResponse m -> head(out, READ_INDEX_RESPONSE, m).i64(m.context()).i64(m.index());
      case TimeoutNow m -> head(out, TIMEOUT_NOW, m);
    }
  }

  private static ByteWriter head(ByteWriter out, int type, long from, long to) {
    return out.u8(type).i64(from).i64(to);
  }

  private static ByteWriter head(ByteWriter out, int type, Message message) {
    return head(out, type, message.from(), message.to()).i64(message.term());
  }

  private static void longs(long[] values, ByteWriter out) {
    out.i32(values.length);
    for (long value : values) {
      out.i64(value);
    }
  }

  private static void longs(Collection<Long> values, ByteWriter out) {
    longs(values.stream().mapToLong(Long::longValue).toArray(), out);
  }

  private static PeerMessage decode(ByteReader in) {
    int type = in.u8();
    long from = in.i64();
    long to = in.i64();
    long term = in.i64();
    if (type == FORWARD_REFUSED) {
      return new ForwardRefused(from, to, term, Reason.of(in.u8()), longs(in));
    }
    if (type == FORWARD) {
      return forward(in, from, to, term);
    }
    return new Consensus(consensus(in, type, from, to, term));
  }

  private static Forward forward(ByteReader in, long from, long to, long term) {
    boolean membership = in.bool();
    var requests = longs(in);
    var commands = new ArrayList<byte[]>(requests.length);
    for (int i = 0; i < requests.length; i++) {
      commands.add(in.bytes());
    }
    return new Forward(from, to, term, membership, requests, commands);
  }

  private static Message consensus(ByteReader in, int type, long from, long to, long term) {
    return switch (type) {
      case VOTE_REQUEST ->
          new VoteRequest(
              from, to, term, in.i64(), in.i64(), in.bool(), in.bool(), in.i64(), in.i64());
      case VOTE_RESPONSE -> new VoteResponse(from, to, term, in.bool(), in.bool());
      case APPEND_REQUEST -> append(in, from, to, term);
      case APPEND_RESPONSE ->
          new AppendResponse(from, to, term, in.bool(), in.i64(), in.i64(), in.i64());
      case HEARTBEAT -> new Heartbeat(from, to, term, in.i64(), in.i64());
      case HEARTBEAT_RESPONSE -> new HeartbeatResponse(from, to, term, in.i64());
      case INSTALL_SNAPSHOT ->
          new InstallSnapshot(from, to, term, new SnapshotMeta(in.i64(), in.i64(), membership(in)));
      case READ_INDEX_REQUEST -> new ReadIndexRequest(from, to, term, in.i64());
      case READ_INDEX_RESPONSE -> new ReadIndexResponse(from, to, term, in.i64(), in.i64());
      case TIMEOUT_NOW -> new TimeoutNow(from, to, term);
      default -> throw new MalformedMessageException("unknown message type " + type);
    };
  }

  private static AppendRequest append(ByteReader in, long from, long to, long term) {
    long prevIndex = in.i64();
    long prevTerm = in.i64();
    long commit = in.i64();
    int count = in.count(ENTRY_HEADER);
    var entries = new ArrayList<Entry>(count);
    for (int i = 0; i < count; i++) {
      long entryTerm = in.i64();
      int kind = in.u8();
      try {
        entries.add(new Entry(prevIndex + 1 + i, entryTerm, EntryKind.of(kind), in.bytes()));
      } catch (IllegalArgumentException e) {
        throw new MalformedMessageException(e.getMessage());
      }
    }
    return new AppendRequest(from, to, term, prevIndex, prevTerm, commit, entries);
  }

  private static Membership membership(ByteReader in) {
    var voters = longs(in);
    var learners = longs(in);
    try {
      return Membership.of(box(voters), box(learners));
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException(e.getMessage());
    }
  }

  private static List<Long> box(long[] values) {
    var list = new ArrayList<Long>(values.length);
    for (long value : values) {
      list.add(value);
    }
    return list;
  }

  private static long[] longs(ByteReader in) {
    var values = new long[in.count(8)];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.i64();
    }
    return values;
  }
}
