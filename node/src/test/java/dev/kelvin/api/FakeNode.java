package dev.kelvin.api;

import static java.util.Comparator.comparingLong;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.kelvin.duty.LeaseAsk;
import dev.kelvin.member.LeaseTimes;
import dev.kelvin.member.Measures;
import dev.kelvin.member.MemberChanges;
import dev.kelvin.member.Node;
import dev.kelvin.member.Refusal;
import dev.kelvin.peer.PeerMeters;
import dev.kelvin.proto.etcdserverpb.AlarmRequest;
import dev.kelvin.proto.etcdserverpb.AlarmResponse;
import dev.kelvin.proto.etcdserverpb.CompactionResponse;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeResponse;
import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.HashKVResponse;
import dev.kelvin.proto.etcdserverpb.HashResponse;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseGrantResponse;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeResponse;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;
import dev.kelvin.proto.etcdserverpb.TxnResponse;
import dev.kelvin.proto.mvccpb.KeyValue;
import dev.kelvin.raft.Membership;
import dev.kelvin.raft.RaftStatus;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.Alarm;
import dev.kelvin.store.Change;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Lease;
import dev.kelvin.store.Member;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.Reader;
import dev.kelvin.store.SnapshotExport;
import dev.kelvin.store.StoreError;
import dev.kelvin.watch.Watches;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** A node for tests of the doors: single keys in a map, no log, settable moods. */
public final class FakeNode implements Node, Replica, Reader {
  public static final long CLUSTER = 0xc1;
  public static final long MEMBER = 0xfedcba9876543210L;
  public static final long TERM = 7;

  public volatile State state = State.VOTER;
  public volatile long leader = MEMBER;
  public volatile long silence = 0;
  public volatile long lag = 0;
  public volatile long caughtUpAgo = 0;

  /** What every proposal and barrier gets instead of an outcome; null for none. */
  public volatile Failure failure;

  /** What every proposal gets instead of its own outcome; null for its own. */
  public volatile Outcome outcome;

  /** What changes of members come to. */
  public volatile MemberChanges changes;

  /** Whether reads touch the disk. */
  public volatile boolean cold;

  /** Whether reads throw. */
  public volatile boolean broken;

  /** Bytes. */
  public volatile long sizeInUse = 1024;

  public volatile byte[] lastPayload;
  public volatile int barriers;

  private final AtomicLong revision = new AtomicLong(1);
  private final Map<ByteString, KeyValue> data = new ConcurrentHashMap<>();

  @Override
  public State state() {
    return state;
  }

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public long memberId() {
    return MEMBER;
  }

  @Override
  public long clusterId() {
    return CLUSTER;
  }

  @Override
  public long incarnation() {
    return 1;
  }

  private final Map<Long, Lease> leases = new ConcurrentHashMap<>();

  private final Map<Long, List<ByteString>> leaseKeys = new ConcurrentHashMap<>();

  /**
   * Grants a lease.
   *
   * @param keys null for a lease that is gone when they are read
   */
  public void lease(long id, long ttl, List<ByteString> keys) {
    leases.put(id, new Lease(id, ttl, 0));
    if (keys != null) {
      leaseKeys.put(id, keys);
    }
  }

  @Override
  public Lease lease(long id) {
    return leases.get(id);
  }

  @Override
  public List<Lease> leases() {
    return List.copyOf(leases.values());
  }

  /** Alarms that stand. */
  public final List<Alarm> alarms = new CopyOnWriteArrayList<>();

  @Override
  public List<Alarm> alarms() {
    return alarms;
  }

  @Override
  public LeaseKeys leaseKeys(long id) {
    var keys = leaseKeys.get(id);
    return keys == null ? null : new LeaseKeys(leases.get(id), keys, revision());
  }

  private final Watches watches = new Watches(this);

  /** Every lease is as good as new. */
  private final LeaseTimes times =
      new LeaseTimes() {
        @Override
        public void ask(LeaseAsk ask, Executor lane, Answer answer) {
          var lease = leases.get(ask.lease());
          long none = ask.renew() ? 0 : -1;
          lane.execute(
              () -> {
                if (leader == 0) {
                  answer.refused(Refusal.NO_LEADER);
                } else if (lease == null) {
                  answer.done(new LeaseAsk.Times(none, 0));
                } else {
                  answer.done(new LeaseAsk.Times(lease.ttl(), lease.ttl()));
                }
              });
        }

        @Override
        public void inOrder(List<Lease> all, Executor lane, Consumer<List<Lease>> answer) {
          lane.execute(() -> answer.accept(all.stream().sorted(comparingLong(Lease::id)).toList()));
        }
      };

  private boolean member() {
    return state != State.WAITING && state != State.REMOVED;
  }

  @Override
  public Replica replica() {
    return member() ? this : null;
  }

  @Override
  public Reader reader() {
    return member() ? this : null;
  }

  @Override
  public String version() {
    return "fake";
  }

  /** There is nothing on a disk. */
  @Override
  public SnapshotExport export(long savedAt, String writer) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Watches watches() {
    return member() ? watches : null;
  }

  /** Only a real member measures anything. */
  @Override
  public Measures measures() {
    return null;
  }

  @Override
  public PeerMeters peerMeters() {
    return new PeerMeters();
  }

  @Override
  public LeaseTimes leaseTimes() {
    return member() ? times : null;
  }

  @Override
  public ChangesRead changes(long from, long maxBytes, Consumer<Change> visitor) {
    return new ChangesRead(0, revision(), revision());
  }

  @Override
  public KeyValue previous(Change change) {
    return null;
  }

  @Override
  public ClusterState cluster() {
    var self =
        new Member(
            MEMBER,
            "fake",
            List.of("http://127.0.0.1:2380"),
            List.of("http://127.0.0.1:2379"),
            state == State.LEARNER,
            1,
            1);
    return new ClusterState(CLUSTER, List.of(self), Set.of(), List.of());
  }

  @Override
  public MemberChanges changes() {
    return changes;
  }

  /** Who is said to lead, if not this node. */
  public volatile Optional<Leader> otherLeader = Optional.empty();

  @Override
  public void leader(Consumer<Optional<Leader>> answer) {
    answer.accept(otherLeader);
  }

  /** What invitations come to. */
  public volatile Optional<Refusal> invited = Optional.empty();

  @Override
  public void invite(String name, String address, Consumer<Optional<Refusal>> answer) {
    answer.accept(invited);
  }

  @Override
  public void transferLeadership(long to) {
    leader = to;
  }

  @Override
  public long caughtUpAgoMillis() {
    return caughtUpAgo;
  }

  @Override
  public long leaderSilenceMillis() {
    return silence;
  }

  @Override
  public void propose(CommandKind kind, byte[] payload, Executor lane, Completion completion) {
    lastPayload = payload;
    proposals.incrementAndGet();
    later(
        lane,
        () -> {
          if (failure != null) {
            completion.failed(failure);
          } else {
            completion.done(outcome != null ? outcome : apply(kind, payload));
          }
        });
  }

  /** Proposals so far. */
  public final AtomicInteger proposals = new AtomicInteger();

  /** Whether proposals and barriers wait for {@link #release}. */
  public volatile boolean holdBack;

  private final Deque<Runnable> heldBack = new ConcurrentLinkedDeque<>();

  private void later(Executor lane, Runnable task) {
    if (holdBack) {
      heldBack.add(() -> lane.execute(task));
    } else {
      lane.execute(task);
    }
  }

  /** Lets what was held back take its course, the last first, as nothing promises an order. */
  public void release() {
    for (var next = heldBack.pollLast(); next != null; next = heldBack.pollLast()) {
      next.run();
    }
  }

  private Outcome apply(CommandKind kind, byte[] payload) {
    try {
      return switch (kind) {
        case PUT -> put(PutRequest.parseFrom(payload));
        case DELETE_RANGE -> {
          boolean was = data.remove(DeleteRangeRequest.parseFrom(payload).getKey()) != null;
          long at = was ? revision.incrementAndGet() : revision.get();
          yield new Outcome.Done(
              DeleteRangeResponse.newBuilder().setHeader(at(at)).setDeleted(was ? 1 : 0).build());
        }
        case TXN ->
            new Outcome.Done(TxnResponse.newBuilder().setHeader(at(revision.get())).build());
        case COMPACT ->
            new Outcome.Done(CompactionResponse.newBuilder().setHeader(at(revision.get())).build());
        case LEASE_GRANT -> {
          var request = LeaseGrantRequest.parseFrom(payload);
          lease(request.getID(), request.getTTL(), List.of());
          yield new Outcome.Done(
              LeaseGrantResponse.newBuilder()
                  .setHeader(at(revision.get()))
                  .setID(request.getID())
                  .setTTL(request.getTTL())
                  .build());
        }
        case LEASE_REVOKE ->
            leases.remove(LeaseRevokeRequest.parseFrom(payload).getID()) == null
                ? new Outcome.Failed(StoreError.LEASE_NOT_FOUND)
                : new Outcome.Done(
                    LeaseRevokeResponse.newBuilder().setHeader(at(revision.get())).build());
        case ALARM -> alarm(AlarmRequest.parseFrom(payload));
        case TIMED_PUT -> put(PutRequest.parseFrom(Arrays.copyOfRange(payload, 8, payload.length)));
        case MEMBER, LEASE_EXPIRE, LEASE_CHECKPOINT ->
            throw new IllegalArgumentException("not from a door");
      };
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private Outcome alarm(AlarmRequest request) {
    var alarm = new Alarm(request.getMemberID(), request.getAlarmValue());
    if (request.getAction() == AlarmRequest.AlarmAction.ACTIVATE) {
      alarms.add(alarm);
    } else {
      alarms.remove(alarm);
    }
    return new Outcome.Done(
        AlarmResponse.newBuilder()
            .setHeader(at(revision.get()))
            .addAlarms(alarm.toMember())
            .build());
  }

  private Outcome put(PutRequest request) {
    long at = revision.incrementAndGet();
    data.merge(
        request.getKey(),
        KeyValue.newBuilder()
            .setKey(request.getKey())
            .setValue(request.getValue())
            .setCreateRevision(at)
            .setModRevision(at)
            .setVersion(1)
            .build(),
        (old, now) ->
            now.toBuilder()
                .setCreateRevision(old.getCreateRevision())
                .setVersion(old.getVersion() + 1)
                .build());
    return new Outcome.PutDone(at);
  }

  private static ResponseHeader at(long revision) {
    return ResponseHeader.newBuilder().setRevision(revision).build();
  }

  @Override
  public void barrier(Executor lane, Barrier barrier) {
    barriers++;
    later(
        lane,
        () -> {
          if (failure != null) {
            barrier.failed(failure);
          } else {
            barrier.reached();
          }
        });
  }

  @Override
  public long leaderSilenceTicks() {
    return 0;
  }

  @Override
  public RaftStatus status() {
    var role = leader == MEMBER ? RaftStatus.Role.LEADER : RaftStatus.Role.FOLLOWER;
    return new RaftStatus(
        MEMBER,
        role,
        TERM,
        leader,
        10_000,
        10_000 - lag,
        1,
        10_000,
        Membership.of(List.of(MEMBER), List.of()),
        0,
        List.of(),
        true,
        true);
  }

  @Override
  public Outcome range(RangeRequest request, boolean memoryOnly) {
    breakIfBroken();
    if (cold && memoryOnly) {
      return null;
    }
    var response = RangeResponse.newBuilder().setHeader(at(revision.get()));
    var kv = data.get(request.getKey());
    if (kv != null) {
      response.addKvs(kv).setCount(1);
    }
    return new Outcome.Done(response.build());
  }

  @Override
  public Outcome page(RangeRequest request, long maxBytes) {
    return range(request, false);
  }

  @Override
  public Outcome hash(HashKVRequest request) {
    breakIfBroken();
    return new Outcome.Done(
        HashKVResponse.newBuilder()
            .setHeader(at(revision.get()))
            .setHash(42)
            .setHashRevision(revision.get())
            .build());
  }

  @Override
  public Outcome hash() {
    return new Outcome.Done(
        HashResponse.newBuilder().setHeader(at(revision.get())).setHash(43).build());
  }

  /** What waits for a removal. */
  public volatile Consumer<Boolean> removal;

  @Override
  public void whenRemoved(long compaction, Consumer<Boolean> then) {
    removal = then;
  }

  public volatile int defragmentations;

  @Override
  public void defragment() {
    defragmentations++;
  }

  private void breakIfBroken() {
    if (broken) {
      throw new IllegalStateException("broken, as the test wants it");
    }
  }

  @Override
  public long revision() {
    return revision.get();
  }

  @Override
  public long compactRevision() {
    return 0;
  }

  @Override
  public long sizeOnDisk() {
    return 4096;
  }

  @Override
  public long sizeInUse() {
    return sizeInUse;
  }
}
