package dev.kelvin.api.etcd;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import dev.kelvin.member.Node;
import dev.kelvin.proto.etcdserverpb.AlarmResponse;
import dev.kelvin.proto.etcdserverpb.CompactionResponse;
import dev.kelvin.proto.etcdserverpb.DeleteRangeResponse;
import dev.kelvin.proto.etcdserverpb.HashKVResponse;
import dev.kelvin.proto.etcdserverpb.HashResponse;
import dev.kelvin.proto.etcdserverpb.LeaseGrantResponse;
import dev.kelvin.proto.etcdserverpb.LeaseLeasesResponse;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeResponse;
import dev.kelvin.proto.etcdserverpb.LeaseTimeToLiveResponse;
import dev.kelvin.proto.etcdserverpb.PutResponse;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;
import dev.kelvin.proto.etcdserverpb.TxnResponse;
import dev.kelvin.store.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Outcomes as the bytes of the API's answers. The store leaves the header's cluster, member and
 * term open; they are put in while encoding, so that no message is built a second time.
 */
final class Answers {
  // Field numbers of ResponseHeader and of the answers, from rpc.proto.
  private static final int HEADER = 1;
  private static final int CLUSTER_ID = 1;
  private static final int MEMBER_ID = 2;
  private static final int REVISION = 3;
  private static final int RAFT_TERM = 4;

  private final Node node;

  Answers(Node node) {
    this.node = node;
  }

  /**
   * @throws IllegalStateException if the outcome is none for a client
   */
  byte[] encode(Outcome outcome) {
    return switch (outcome) {
      case Outcome.PutDone(long revision) -> new Encoding(revision).finish();
      case Outcome.Done(RangeResponse range) ->
          new Encoding(range.getHeader().getRevision())
              .messages(2, range.getKvsList())
              .bool(3, range.getMore())
              .int64(4, range.getCount())
              .finish();
      case Outcome.Done(TxnResponse txn) ->
          new Encoding(txn.getHeader().getRevision())
              .bool(2, txn.getSucceeded())
              .messages(3, txn.getResponsesList())
              .finish();
      case Outcome.Done(DeleteRangeResponse delete) ->
          new Encoding(delete.getHeader().getRevision())
              .int64(2, delete.getDeleted())
              .messages(3, delete.getPrevKvsList())
              .finish();
      case Outcome.Done(PutResponse put) ->
          new Encoding(put.getHeader().getRevision())
              .messages(2, put.hasPrevKv() ? List.of(put.getPrevKv()) : List.of())
              .finish();
      case Outcome.Done(CompactionResponse compaction) ->
          new Encoding(compaction.getHeader().getRevision()).finish();
      case Outcome.Done(AlarmResponse alarms) ->
          alarms.toBuilder()
              .setHeader(header(alarms.getHeader().getRevision()))
              .build()
              .toByteArray();
      case Outcome.Done(HashResponse hash) ->
          hash.toBuilder().setHeader(header(hash.getHeader().getRevision())).build().toByteArray();
      case Outcome.Done(HashKVResponse hash) ->
          hash.toBuilder().setHeader(header(hash.getHeader().getRevision())).build().toByteArray();
      case Outcome.Done(LeaseGrantResponse grant) ->
          grant.toBuilder()
              .setHeader(header(grant.getHeader().getRevision()))
              .build()
              .toByteArray();
      case Outcome.Done(LeaseRevokeResponse revocation) ->
          new Encoding(revocation.getHeader().getRevision()).finish();
      case Outcome.Done(LeaseTimeToLiveResponse times) ->
          times.toBuilder()
              .setHeader(header(times.getHeader().getRevision()))
              .build()
              .toByteArray();
      case Outcome.Done(LeaseLeasesResponse leases) ->
          leases.toBuilder()
              .setHeader(header(leases.getHeader().getRevision()))
              .build()
              .toByteArray();
      // Made by a door, complete.
      case Outcome.Done(MessageLite complete) -> complete.toByteArray();
      case Outcome.DutyDone _, Outcome.MemberDone _ ->
          throw new IllegalStateException("not for a client: " + outcome);
      case Outcome.Failed ignored ->
          throw new IllegalStateException("a refusal is no answer: " + outcome);
    };
  }

  /** What every answer says about who gave it, as a message. */
  ResponseHeader header(long revision) {
    return ResponseHeader.newBuilder()
        .setClusterId(node.clusterId())
        .setMemberId(node.memberId())
        .setRevision(revision)
        .setRaftTerm(term())
        .build();
  }

  private long term() {
    var replica = node.replica();
    return replica == null ? 0 : replica.status().term();
  }

  /** One answer in the making: sizes first, then bytes, in one array of the right length. */
  private final class Encoding {
    private final long cluster = node.clusterId();
    private final long member = node.memberId();
    private final long term = term();
    private final long revision;
    private final int headerSize;
    private int size;
    private int messagesField;
    private List<? extends MessageLite> messages = List.of();
    private int boolField;
    private int intField;
    private long intValue;

    Encoding(long revision) {
      this.revision = revision;
      headerSize =
          uint64Size(CLUSTER_ID, cluster)
              + uint64Size(MEMBER_ID, member)
              + uint64Size(REVISION, revision)
              + uint64Size(RAFT_TERM, term);
      size =
          CodedOutputStream.computeTagSize(HEADER)
              + CodedOutputStream.computeUInt32SizeNoTag(headerSize)
              + headerSize;
    }

    Encoding messages(int field, List<? extends MessageLite> values) {
      messagesField = field;
      messages = values;
      for (int i = 0; i < values.size(); i++) {
        size += CodedOutputStream.computeMessageSize(field, values.get(i));
      }
      return this;
    }

    Encoding bool(int field, boolean value) {
      if (value) {
        boolField = field;
        size += CodedOutputStream.computeBoolSize(field, true);
      }
      return this;
    }

    Encoding int64(int field, long value) {
      intField = field;
      intValue = value;
      size += uint64Size(field, value);
      return this;
    }

    byte[] finish() {
      var bytes = new byte[size];
      var out = CodedOutputStream.newInstance(bytes);
      try {
        // Length-delimited, as a message is.
        out.writeTag(HEADER, 2);
        out.writeUInt32NoTag(headerSize);
        uint64(out, CLUSTER_ID, cluster);
        uint64(out, MEMBER_ID, member);
        uint64(out, REVISION, revision);
        uint64(out, RAFT_TERM, term);
        for (int i = 0; i < messages.size(); i++) {
          out.writeMessage(messagesField, messages.get(i));
        }
        if (boolField != 0) {
          out.writeBool(boolField, true);
        }
        uint64(out, intField, intValue);
        out.checkNoSpaceLeft();
      } catch (IOException e) {
        throw new UncheckedIOException("an array of the computed size overflowed", e);
      }
      return bytes;
    }

    /** As protobuf does, zero is left out. Signed and unsigned 64-bit values look alike. */
    private static int uint64Size(int field, long value) {
      return value == 0 ? 0 : CodedOutputStream.computeUInt64Size(field, value);
    }

    private static void uint64(CodedOutputStream out, int field, long value) throws IOException {
      if (value != 0) {
        out.writeUInt64(field, value);
      }
    }
  }
}
