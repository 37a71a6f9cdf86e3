package dev.kelvin.process;

import static dev.kelvin.process.Doors.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.KVGrpc;
import dev.kelvin.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.RangeStreamResponse;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.proto.v3electionpb.CampaignRequest;
import dev.kelvin.proto.v3electionpb.CampaignResponse;
import dev.kelvin.proto.v3electionpb.ElectionGrpc;
import dev.kelvin.proto.v3electionpb.LeaderKey;
import dev.kelvin.proto.v3electionpb.LeaderRequest;
import dev.kelvin.proto.v3electionpb.LeaderResponse;
import dev.kelvin.proto.v3electionpb.ProclaimRequest;
import dev.kelvin.proto.v3electionpb.ResignRequest;
import dev.kelvin.proto.v3lockpb.LockGrpc;
import dev.kelvin.proto.v3lockpb.LockRequest;
import dev.kelvin.proto.v3lockpb.LockResponse;
import dev.kelvin.proto.v3lockpb.UnlockRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Locks, elections and ranges in parts: the same is asked of Kelvin, through each node in turn, and
 * of etcd, if there is one.
 */
class ServicesIT {
  @TempDir static Path dir;

  private static LocalCluster cluster;
  private static EtcdProcess etcd;
  private static final List<Doors> SERVERS = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    cluster = LocalCluster.start(dir);
    SERVERS.add(
        new Doors("Kelvin", cluster.nodes.stream().map(NodeProcess::clientAddress).toList()));
    etcd = EtcdProcess.start(dir, ServicesIT.class).orElse(null);
    if (etcd != null) {
      SERVERS.add(new Doors("etcd", List.of(etcd.clientAddress)));
    }
  }

  @AfterAll
  static void stop() {
    SERVERS.forEach(Doors::close);
    if (etcd != null) {
      etcd.close();
    }
    if (cluster != null) {
      cluster.close();
    }
  }

  static List<Named> servers() {
    return SERVERS.stream().map(Named::new).toList();
  }

  /** For the name of the test. */
  record Named(Doors doors) {
    @Override
    public String toString() {
      return doors.name;
    }
  }

  private static ListenableFuture<LockResponse> lock(Doors doors, String name, long lease) {
    return LockGrpc.newFutureStub(doors.any())
        .lock(LockRequest.newBuilder().setName(bytes(name)).setLease(lease).build());
  }

  private static String held(ListenableFuture<LockResponse> lock) throws Exception {
    var response = lock.get(10, TimeUnit.SECONDS);
    assertTrue(response.getHeader().getRevision() > 1);
    assertTrue(response.getHeader().getClusterId() != 0);
    return response.getKey().toStringUtf8();
  }

  private static void unlock(Doors doors, String key) {
    LockGrpc.newBlockingStub(doors.any())
        .withDeadlineAfter(10, TimeUnit.SECONDS)
        .unlock(UnlockRequest.newBuilder().setKey(bytes(key)).build());
  }

  private static void assertUnknown(String text, ListenableFuture<?> call) {
    var failure = assertThrows(ExecutionException.class, () -> call.get(10, TimeUnit.SECONDS));
    assertRefused(Status.Code.UNKNOWN, text, (StatusRuntimeException) failure.getCause());
  }

  private static void assertRefused(Status.Code code, String text, Runnable call) {
    assertRefused(code, text, assertThrows(StatusRuntimeException.class, call::run));
  }

  private static void assertRefused(Status.Code code, String text, StatusRuntimeException refusal) {
    assertEquals(code + " " + text, refusal.getStatus().getCode() + " " + description(refusal));
  }

  private static String description(StatusRuntimeException refusal) {
    return refusal.getStatus().getDescription();
  }

  @ParameterizedTest
  @MethodSource("servers")
  void aLockIsPassedOnInTheOrderOfTheCallers(Named server) throws Exception {
    var doors = server.doors;
    long[] leases = {doors.grant(60), doors.grant(60), doors.grant(60)};
    var keys = new ArrayList<String>();
    var locks = new ArrayList<ListenableFuture<LockResponse>>();
    for (long lease : leases) {
      keys.add("order/" + Long.toHexString(lease));
      locks.add(lock(doors, "order", lease));
      doors.await("a place in the queue", () -> doors.queue("order").equals(keys));
    }
    assertEquals(keys.get(0), held(locks.get(0)));
    assertEquals(keys.get(0), held(lock(doors, "order", leases[0])), "the same holder again");
    assertFalse(locks.get(1).isDone());
    unlock(doors, keys.get(0));
    assertEquals(keys.get(1), held(locks.get(1)));
    assertFalse(locks.get(2).isDone());
    doors.revoke(leases[1]);
    assertEquals(keys.get(2), held(locks.get(2)));
    unlock(doors, keys.get(2));
    assertEquals(List.of(), doors.queue("order"));
  }

  @ParameterizedTest
  @MethodSource("servers")
  void whoGivesUpLeavesTheQueueForALock(Named server) throws Exception {
    var doors = server.doors;
    long[] leases = {doors.grant(60), doors.grant(60), doors.grant(60)};
    var first = held(lock(doors, "leave", leases[0]));
    var second = lock(doors, "leave", leases[1]);
    doors.await("the second", () -> doors.queue("leave").size() == 2);
    var third = lock(doors, "leave", leases[2]);
    doors.await("the third", () -> doors.queue("leave").size() == 3);
    second.cancel(true);
    doors.await("its leave", () -> doors.queue("leave").size() == 2);
    assertFalse(third.isDone());
    unlock(doors, first);
    assertEquals("leave/" + Long.toHexString(leases[2]), held(third));
  }

  @ParameterizedTest
  @MethodSource("servers")
  void locksAreRefusedInTheSameWords(Named server) throws Exception {
    var doors = server.doors;
    assertUnknown("etcdserver: requested lease not found", lock(doors, "words", 4711));
    assertRefused(Status.Code.UNKNOWN, "etcdserver: key is not provided", () -> unlock(doors, ""));
    long lease = doors.grant(60);
    var first = held(lock(doors, "words", doors.grant(60)));
    var second = lock(doors, "words", lease);
    doors.await("the second", () -> doors.queue("words").size() == 2);
    doors.revoke(lease);
    unlock(doors, first);
    assertUnknown("mutex: session is expired", second);
  }

  @ParameterizedTest
  @MethodSource("servers")
  void aLockWithoutLeaseGetsOneOfAMinute(Named server) throws Exception {
    var doors = server.doors;
    var key = held(lock(doors, "minute", 0));
    assertTrue(key.matches("minute/[0-9a-f]+"), key);
    long lease = Long.parseUnsignedLong(key.substring(7), 16);
    var times =
        doors.leases().leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder().setID(lease).build());
    assertEquals(60, times.getGrantedTTL());
    unlock(doors, key);
  }

  private static ListenableFuture<CampaignResponse> campaign(
      Doors doors, String name, long lease, String value) {
    return ElectionGrpc.newFutureStub(doors.any())
        .campaign(
            CampaignRequest.newBuilder()
                .setName(bytes(name))
                .setLease(lease)
                .setValue(bytes(value))
                .build());
  }

  private static ElectionGrpc.ElectionBlockingStub elections(Doors doors) {
    return ElectionGrpc.newBlockingStub(doors.any()).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private static LeaderRequest of(String name) {
    return LeaderRequest.newBuilder().setName(bytes(name)).build();
  }

  private static void proclaim(Doors doors, LeaderKey leader, String value) {
    elections(doors)
        .proclaim(ProclaimRequest.newBuilder().setLeader(leader).setValue(bytes(value)).build());
  }

  private static void assertTells(String value, LeaderKey leader, LeaderResponse response) {
    assertEquals(value, response.getKv().getValue().toStringUtf8());
    assertEquals(leader.getKey(), response.getKv().getKey());
    assertTrue(response.getHeader().getRevision() >= response.getKv().getModRevision());
  }

  @ParameterizedTest
  @MethodSource("servers")
  void anElectionIsWonObservedProclaimedAndResigned(Named server) throws Exception {
    var doors = server.doors;
    var observed = elections(doors).observe(of("vote"));
    long[] leases = {doors.grant(60), doors.grant(60)};
    var won = campaign(doors, "vote", leases[0], "a").get(10, TimeUnit.SECONDS);
    var first = won.getLeader();
    assertEquals("vote", first.getName().toStringUtf8());
    assertEquals("vote/" + Long.toHexString(leases[0]), first.getKey().toStringUtf8());
    assertEquals(leases[0], first.getLease());
    assertEquals(won.getHeader().getRevision(), first.getRev());
    assertTells("a", first, observed.next());
    assertTells("a", first, elections(doors).leader(of("vote")));
    proclaim(doors, first, "b");
    assertTells("b", first, observed.next());
    var again = campaign(doors, "vote", leases[0], "c").get(10, TimeUnit.SECONDS);
    assertEquals(first, again.getLeader());
    assertTells("c", first, observed.next());
    var second = campaign(doors, "vote", leases[1], "d");
    doors.await("the second", () -> doors.queue("vote").size() == 2);
    assertFalse(second.isDone());
    elections(doors).resign(ResignRequest.newBuilder().setLeader(first).build());
    var next = second.get(10, TimeUnit.SECONDS).getLeader();
    assertTells("d", next, observed.next());
    assertRefused(
        Status.Code.UNKNOWN, "election: not leader", () -> proclaim(doors, first, "late"));
    // Who does not lead has resigned.
    elections(doors).resign(ResignRequest.newBuilder().setLeader(first).build());
    doors.revoke(leases[1]);
    assertRefused(
        Status.Code.UNKNOWN, "election: no leader", () -> elections(doors).leader(of("vote")));
    var third = campaign(doors, "vote", doors.grant(60), "e").get(10, TimeUnit.SECONDS);
    assertTells("e", third.getLeader(), observed.next());
  }

  @ParameterizedTest
  @MethodSource("servers")
  void electionsAreRefusedInTheSameWords(Named server) {
    var doors = server.doors;
    var missing = "\"leader\" field must be provided";
    assertRefused(
        Status.Code.UNKNOWN,
        missing,
        () -> elections(doors).proclaim(ProclaimRequest.getDefaultInstance()));
    assertRefused(
        Status.Code.UNKNOWN,
        missing,
        () -> elections(doors).resign(ResignRequest.getDefaultInstance()));
    assertUnknown("etcdserver: requested lease not found", campaign(doors, "none", 4711, "x"));
    assertRefused(
        Status.Code.UNKNOWN,
        "etcdserver: key is not provided",
        () -> proclaim(doors, LeaderKey.newBuilder().setLease(1).build(), "x"));
  }

  @ParameterizedTest
  @MethodSource("servers")
  void whoGivesUpACampaignLeavesTheQueue(Named server) throws Exception {
    var doors = server.doors;
    campaign(doors, "quit", doors.grant(60), "a").get(10, TimeUnit.SECONDS);
    var second = campaign(doors, "quit", doors.grant(60), "b");
    doors.await("the second", () -> doors.queue("quit").size() == 2);
    second.cancel(true);
    doors.await("its leave", () -> doors.queue("quit").size() == 1);
  }

  private static final int KEYS = 1000;
  private static final ByteString VALUE = bytes("v".repeat(3000));

  private static RangeRequest.Builder parts() {
    return RangeRequest.newBuilder().setKey(bytes("part/")).setRangeEnd(bytes("part0"));
  }

  private static void fill(Doors doors) {
    for (int from = 0; from < KEYS; from += 100) {
      var txn = TxnRequest.newBuilder();
      for (int i = from; i < from + 100; i++) {
        txn.addSuccess(
            RequestOp.newBuilder()
                .setRequestPut(
                    PutRequest.newBuilder()
                        .setKey(bytes("part/%05d".formatted(i)))
                        .setValue(VALUE)));
      }
      doors.kv().txn(txn.build());
    }
  }

  private static RangeResponse whole(Iterator<RangeStreamResponse> stream, int atLeast) {
    var whole = RangeResponse.newBuilder();
    int count = 0;
    while (stream.hasNext()) {
      var part = stream.next().getRangeResponse();
      // Only the last says more than keys.
      assertEquals(!stream.hasNext(), part.hasHeader());
      whole.mergeFrom(part);
      count++;
    }
    assertTrue(count >= atLeast, count + " parts");
    return whole.build();
  }

  private static RangeResponse plain(RangeResponse response) {
    return response.toBuilder()
        .setHeader(
            response.getHeader().toBuilder().clearMemberId().clearRaftTerm().clearClusterId())
        .build();
  }

  private static void assertSame(Doors doors, RangeRequest request, int atLeast) {
    var whole = whole(doors.kv().rangeStream(request), atLeast);
    assertTrue(whole.getHeader().getMemberId() != 0 && whole.getHeader().getClusterId() != 0);
    assertEquals(
        plain(
            KVGrpc.newBlockingStub(doors.any())
                .withMaxInboundMessageSize(32 << 20)
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .range(request)),
        plain(whole));
  }

  @ParameterizedTest
  @MethodSource("servers")
  void aRangeInPartsIsTheRange(Named server) {
    var doors = server.doors;
    fill(doors);
    assertSame(doors, parts().build(), 5);
    assertSame(doors, parts().setSerializable(true).setKey(bytes("part/00990")).build(), 1);
    assertSame(doors, parts().setLimit(900).build(), 5);
    assertSame(doors, parts().setLimit(1).build(), 1);
    assertSame(doors, parts().setLimit(KEYS).build(), 5);
    assertSame(doors, parts().setLimit(KEYS + 1).build(), 5);
    assertSame(doors, parts().setKeysOnly(true).build(), 1);
    assertSame(doors, parts().setCountOnly(true).build(), 1);
    assertSame(doors, parts().clearRangeEnd().setKey(bytes("part/00007")).build(), 1);
    assertSame(doors, parts().setKey(bytes("part/x")).build(), 1);
    assertSame(doors, parts().setRangeEnd(bytes("part/")).build(), 1);
    assertSame(doors, parts().setRangeEnd(ByteString.copyFrom(new byte[1])).build(), 5);
    assertSame(doors, parts().setSortOrder(RangeRequest.SortOrder.ASCEND).build(), 5);
    var stream = doors.kv().rangeStream(parts().build());
    var first = stream.next().getRangeResponse();
    var put = PutRequest.newBuilder().setKey(bytes("part/00001x")).setValue(VALUE).build();
    long now = doors.kv().put(put).getHeader().getRevision();
    doors.kv().put(put.toBuilder().setKey(bytes("part/00999")).clearValue().build());
    doors
        .kv()
        .deleteRange(
            DeleteRangeRequest.newBuilder()
                .setKey(bytes("part/00500"))
                .setRangeEnd(bytes("part/00750"))
                .build());
    var rest = whole(stream, 4);
    assertEquals(KEYS, first.getKvsCount() + rest.getKvsCount());
    assertEquals(KEYS, rest.getCount());
    assertEquals(now - 1, rest.getHeader().getRevision());
    assertTrue(rest.getKvsList().stream().allMatch(kv -> kv.getValue().equals(VALUE)));
    assertSame(doors, parts().setRevision(now).build(), 5);
    assertSame(doors, parts().build(), 4);
  }

  @ParameterizedTest
  @MethodSource("servers")
  void rangesInPartsAreRefusedInTheSameWords(Named server) {
    var doors = server.doors;
    assertStreamRefused(
        doors,
        Status.Code.UNIMPLEMENTED,
        "RangeStream does not support custom sort orders",
        parts().setSortOrder(RangeRequest.SortOrder.DESCEND));
    assertStreamRefused(
        doors,
        Status.Code.UNIMPLEMENTED,
        "RangeStream does not support revision filters",
        parts().setMinModRevision(1));
    assertStreamRefused(
        doors,
        Status.Code.INVALID_ARGUMENT,
        "etcdserver: key is not provided",
        RangeRequest.newBuilder());
    assertStreamRefused(
        doors,
        Status.Code.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision is a future revision",
        parts().setRevision(1_000_000));
    long now =
        doors
            .kv()
            .put(PutRequest.newBuilder().setKey(bytes("now")).build())
            .getHeader()
            .getRevision();
    doors.kv().compact(CompactionRequest.newBuilder().setRevision(now).build());
    assertStreamRefused(
        doors,
        Status.Code.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision has been compacted",
        parts().setRevision(now - 1));
  }

  private static void assertStreamRefused(
      Doors doors, Status.Code code, String text, RangeRequest.Builder request) {
    assertRefused(code, text, () -> doors.kv().rangeStream(request.build()).next());
  }
}
