package dev.kelvin.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.kelvin.proto.etcdserverpb.AlarmRequest;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.raft.Entry;
import dev.kelvin.raft.EntryKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Feeds commands to a store as the replica would, and hears what it answers. */
public final class Feed implements StateMachine.Listener {
  /** Of all entries. */
  static final long TERM = 1;

  private static final long INCARNATION = 77;

  final Store store;
  final Map<Long, Outcome> outcomes = new HashMap<>();
  final List<ClusterState> memberships = new ArrayList<>();
  private final List<Entry> pending = new ArrayList<>();
  private long index;

  public Feed(Store store) {
    this.store = store;
    index = store.applied().index();
  }

  public static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  public static PutRequest put(String key, String value) {
    return PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value)).build();
  }

  public static PutRequest put(String key, String value, long lease) {
    return put(key, value).toBuilder().setLease(lease).build();
  }

  public static LeaseGrantRequest grant(long lease, long ttl) {
    return LeaseGrantRequest.newBuilder().setID(lease).setTTL(ttl).build();
  }

  public static LeaseRevokeRequest revoke(long lease) {
    return LeaseRevokeRequest.newBuilder().setID(lease).build();
  }

  static RangeRequest range(String key, String end) {
    return RangeRequest.newBuilder().setKey(bytes(key)).setRangeEnd(bytes(end)).build();
  }

  public static DeleteRangeRequest delete(String key, String end) {
    return DeleteRangeRequest.newBuilder().setKey(bytes(key)).setRangeEnd(bytes(end)).build();
  }

  public static CompactionRequest compaction(long revision) {
    return CompactionRequest.newBuilder().setRevision(revision).build();
  }

  long add(CommandKind kind, byte[] payload) {
    index++;
    var entryKind =
        kind == CommandKind.MEMBER && MemberChangeCodec.decode(payload).changesMembership()
            ? EntryKind.MEMBERSHIP
            : EntryKind.COMMAND;
    pending.add(
        new Entry(
            index,
            TERM,
            entryKind,
            CommandCodec.standard().encode(kind, 1, INCARNATION, index, payload)));
    return index;
  }

  public long add(MessageLite request) {
    var kind =
        switch (request) {
          case PutRequest _ -> CommandKind.PUT;
          case DeleteRangeRequest _ -> CommandKind.DELETE_RANGE;
          case TxnRequest _ -> CommandKind.TXN;
          case CompactionRequest _ -> CommandKind.COMPACT;
          case LeaseGrantRequest _ -> CommandKind.LEASE_GRANT;
          case LeaseRevokeRequest _ -> CommandKind.LEASE_REVOKE;
          case AlarmRequest _ -> CommandKind.ALARM;
          default -> throw new IllegalArgumentException(request.getClass().getName());
        };
    return add(kind, request.toByteArray());
  }

  long add(LeaseCommand command) {
    var kind =
        switch (command) {
          case LeaseCommand.Expire _ -> CommandKind.LEASE_EXPIRE;
          case LeaseCommand.Checkpoint _ -> CommandKind.LEASE_CHECKPOINT;
        };
    return add(kind, command.encode());
  }

  public List<Entry> apply() {
    var entries = List.copyOf(pending);
    store.apply(entries, this);
    pending.clear();
    return entries;
  }

  Outcome run(MessageLite request) {
    long request1 = add(request);
    apply();
    return outcomes.get(request1);
  }

  Outcome run(LeaseCommand command) {
    long request = add(command);
    apply();
    return outcomes.get(request);
  }

  Outcome run(MemberChange change) {
    long request = add(CommandKind.MEMBER, MemberChangeCodec.encode(change));
    apply();
    return outcomes.get(request);
  }

  RangeResponse read(RangeRequest request) {
    return (RangeResponse) ((Outcome.Done) store.range(request, false)).response();
  }

  @Override
  public boolean waits(long incarnation, long request) {
    return incarnation == INCARNATION;
  }

  @Override
  public void outcome(long request, Outcome outcome) {
    outcomes.put(request, outcome);
  }

  @Override
  public void membership(long at, ClusterState cluster) {
    memberships.add(cluster);
  }
}
