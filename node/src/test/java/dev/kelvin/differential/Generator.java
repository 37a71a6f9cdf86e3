package dev.kelvin.differential;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kelvin.proto.etcdserverpb.AlarmRequest;
import dev.kelvin.proto.etcdserverpb.AlarmType;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.DefragmentRequest;
import dev.kelvin.proto.etcdserverpb.DowngradeRequest;
import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.HashRequest;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseLeasesRequest;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kelvin.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.kelvin.proto.etcdserverpb.MemberAddRequest;
import dev.kelvin.proto.etcdserverpb.MemberListRequest;
import dev.kelvin.proto.etcdserverpb.MemberPromoteRequest;
import dev.kelvin.proto.etcdserverpb.MemberRemoveRequest;
import dev.kelvin.proto.etcdserverpb.MemberUpdateRequest;
import dev.kelvin.proto.etcdserverpb.MoveLeaderRequest;
import dev.kelvin.proto.etcdserverpb.StatusRequest;
import dev.kelvin.proto.etcdserverpb.WatchCancelRequest;
import dev.kelvin.proto.etcdserverpb.WatchCreateRequest;
import dev.kelvin.proto.etcdserverpb.WatchRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws programs. A program depends on its seed alone; what it needs to know of the servers is said
 * in {@link Symbols}.
 */
final class Generator {
  private static final long HOUR = 3600;

  /** More than both servers take in a request, less than gRPC takes in a message. */
  private static final int TOO_LARGE = 1_600_000;

  /** More than gRPC takes in a message. */
  private static final int FAR_TOO_LARGE = 2_200_000;

  /** Two of them, with what was before, are more than a watch's answer holds. */
  private static final int LARGE = 700_000;

  private final Draw draw;
  private final KvDraw kv;
  private final List<Step> steps = new ArrayList<>();

  private Generator(long seed) {
    draw = new Draw(seed);
    kv = new KvDraw(draw);
  }

  /** The program of a seed. It leaves no watch behind, and no lease that ends soon. */
  static List<Step> program(long seed) {
    var generator = new Generator(seed);
    generator.fill();
    generator.steps.add(new Step.End());
    return generator.steps;
  }

  private void fill() {
    int kind = draw.upTo(1000);
    if (kind < 20) {
      limits();
    } else if (kind < 40) {
      members();
    } else if (kind < 50) {
      largeEvents();
    } else if (kind < 58) {
      expiry();
    } else if (kind < 75) {
      alarms();
    }
    boolean watching = draw.one(2);
    int length = 8 + draw.upTo(30);
    for (int i = 0; i < length; i++) {
      if (watching && draw.one(4)) {
        watch();
      } else {
        step();
      }
    }
  }

  private void call(Rpc rpc, Message.Builder request) {
    steps.add(new Step.Call(rpc, request.build()));
  }

  private void step() {
    int kind = draw.upTo(100);
    if (kind < 26) {
      call(Rpc.PUT, kv.put());
    } else if (kind < 46) {
      call(Rpc.RANGE, kv.range());
    } else if (kind < 48) {
      parts();
    } else if (kind < 56) {
      call(Rpc.DELETE_RANGE, kv.delete());
    } else if (kind < 76) {
      call(Rpc.TXN, kv.txn(0));
    } else if (kind < 80) {
      call(
          Rpc.COMPACT,
          CompactionRequest.newBuilder().setRevision(draw.revision()).setPhysical(draw.one(4)));
    } else if (kind < 95) {
      lease();
    } else {
      look();
    }
  }

  /** Mostly without what it refuses. */
  private void parts() {
    var range = kv.range();
    if (!draw.one(4)) {
      range
          .clearSortOrder()
          .clearSortTarget()
          .clearMinModRevision()
          .clearMaxModRevision()
          .clearMinCreateRevision()
          .clearMaxCreateRevision();
    }
    steps.add(new Step.Parts(range.build()));
  }

  private void lease() {
    int kind = draw.upTo(20);
    if (kind < 6) {
      grant();
    } else if (kind < 9) {
      call(Rpc.LEASE_REVOKE, LeaseRevokeRequest.newBuilder().setID(draw.lease()));
    } else if (kind < 14) {
      call(
          Rpc.LEASE_TIME_TO_LIVE,
          LeaseTimeToLiveRequest.newBuilder().setID(draw.lease()).setKeys(draw.one(2)));
    } else if (kind < 17) {
      steps.add(new Step.KeepAlive(draw.lease()));
    } else {
      call(Rpc.LEASE_LEASES, LeaseLeasesRequest.newBuilder());
    }
  }

  private void grant() {
    var request = LeaseGrantRequest.newBuilder();
    if (!draw.one(3)) {
      request.setID(draw.of(1L, 2L, 3L, 4L, -5L));
    }
    if (draw.one(6)) {
      // Less than the minimum: it would soon end by itself, so it ends at once.
      long id = draw.of(6L, 7L);
      call(Rpc.LEASE_GRANT, request.setID(id).setTTL(draw.of(0L, 1L, 2L, -1L, -100L)));
      call(Rpc.LEASE_TIME_TO_LIVE, LeaseTimeToLiveRequest.newBuilder().setID(id));
      call(Rpc.LEASE_REVOKE, LeaseRevokeRequest.newBuilder().setID(id));
      return;
    }
    call(
        Rpc.LEASE_GRANT,
        request.setTTL(
            draw.of(
                HOUR,
                HOUR,
                HOUR + 1000,
                10 * HOUR,
                24 * HOUR,
                9_000_000_000L,
                9_000_000_001L,
                Long.MAX_VALUE)));
  }

  /** What there is to see of a server. */
  private void look() {
    switch (draw.upTo(8)) {
      case 6 -> call(Rpc.HASH, HashRequest.newBuilder());
      case 7 -> {
        if (draw.one(6)) {
          call(Rpc.DEFRAGMENT, DefragmentRequest.newBuilder());
        } else {
          call(
              Rpc.DOWNGRADE,
              DowngradeRequest.newBuilder()
                  .setAction(
                      draw.of(
                          DowngradeRequest.DowngradeAction.VALIDATE,
                          DowngradeRequest.DowngradeAction.CANCEL))
                  .setVersion(draw.of("", "x", "1.0.0", "9.9.9")));
        }
      }
      case 0 -> call(Rpc.STATUS, StatusRequest.newBuilder());
      case 1 -> call(Rpc.MEMBER_LIST, MemberListRequest.newBuilder().setLinearizable(draw.one(2)));
      case 2 ->
          call(
              Rpc.ALARM,
              AlarmRequest.newBuilder()
                  .setAlarmValue(draw.of(0, 1, 2, 9))
                  .setMemberID(draw.of(0L, 1L)));
      case 3 -> call(Rpc.HASH_KV, HashKVRequest.newBuilder().setRevision(draw.revision()));
      case 4 ->
          call(
              Rpc.MOVE_LEADER,
              MoveLeaderRequest.newBuilder().setTargetID(draw.of(0L, 404L, Symbols.MEMBER)));
      default -> {
        var id = draw.of(0L, 404L);
        switch (draw.upTo(3)) {
          case 0 -> call(Rpc.MEMBER_REMOVE, MemberRemoveRequest.newBuilder().setID(id));
          case 1 -> call(Rpc.MEMBER_PROMOTE, MemberPromoteRequest.newBuilder().setID(id));
          default -> call(Rpc.MEMBER_UPDATE, update(id));
        }
      }
    }
  }

  private MemberUpdateRequest.Builder update(long id) {
    return MemberUpdateRequest.newBuilder()
        .setID(id)
        .addPeerURLs(draw.of("http://127.0.0.1:1", "nowhere", "http://127.0.0.1:2"));
  }

  private void watch() {
    int stream = draw.upTo(3);
    int kind = draw.upTo(20);
    var request = WatchRequest.newBuilder();
    if (kind < 12) {
      request.setCreateRequest(create());
    } else if (kind < 16) {
      request.setCancelRequest(
          WatchCancelRequest.newBuilder().setWatchId(draw.of(0L, 1L, 1L, 2L, 3L, 77L, -1L)));
    } else if (kind < 19) {
      request = Requests.progress().toBuilder();
    }
    steps.add(new Step.Watch(stream, request.build()));
  }

  private WatchCreateRequest.Builder create() {
    var request =
        WatchCreateRequest.newBuilder()
            .setKey(draw.one(12) ? ByteString.EMPTY : draw.key())
            .setRangeEnd(draw.end())
            .setPrevKv(draw.one(2))
            .setProgressNotify(draw.one(6))
            .setFragment(draw.one(4));
    if (draw.one(2)) {
      request.setStartRevision(draw.revision());
    }
    if (draw.one(6)) {
      request.setWatchId(draw.of(1L, 2L, 3L, 1L << 30, -7L));
    }
    for (int i = draw.one(3) ? 1 + draw.upTo(2) : 0; i > 0; i--) {
      request.addFiltersValue(draw.one(20) ? 9 : draw.upTo(2));
    }
    return request;
  }

  /** Too many operations, too large requests. */
  private void limits() {
    int kind = draw.upTo(4);
    switch (kind) {
      case 0 -> call(Rpc.TXN, kv.many(128 + draw.upTo(2), 0));
      case 1 -> call(Rpc.TXN, kv.many(100, 28 + draw.upTo(2)));
      case 2 -> call(Rpc.PUT, kv.put().setValue(draw.bytes(TOO_LARGE)).setIgnoreValue(false));
      default -> call(Rpc.PUT, kv.put().setValue(draw.bytes(FAR_TOO_LARGE)).setIgnoreValue(false));
    }
  }

  /** A learner that never comes, and mistakes around it. */
  private void members() {
    var url = "http://127.0.0.1:" + (10 + draw.upTo(60_000));
    var add = MemberAddRequest.newBuilder().addPeerURLs(url).setIsLearner(true);
    call(Rpc.MEMBER_ADD, add);
    call(Rpc.MEMBER_ADD, add.clone());
    call(Rpc.MEMBER_ADD, add.clone().addPeerURLs("http://127.0.0.1:4"));
    call(
        Rpc.MEMBER_ADD,
        MemberAddRequest.newBuilder().addPeerURLs("http://127.0.0.1:3").setIsLearner(true));
    call(Rpc.MEMBER_ADD, MemberAddRequest.newBuilder().addPeerURLs("nowhere").setIsLearner(true));
    call(Rpc.MEMBER_ADD, MemberAddRequest.newBuilder().setIsLearner(true));
    call(Rpc.MEMBER_LIST, MemberListRequest.newBuilder().setLinearizable(draw.one(2)));
    call(Rpc.MEMBER_PROMOTE, MemberPromoteRequest.newBuilder().setID(Symbols.ADDED));
    call(Rpc.MEMBER_PROMOTE, MemberPromoteRequest.newBuilder().setID(Symbols.MEMBER));
    call(Rpc.MOVE_LEADER, MoveLeaderRequest.newBuilder().setTargetID(Symbols.ADDED));
    call(Rpc.MEMBER_UPDATE, update(Symbols.ADDED));
    call(Rpc.MEMBER_REMOVE, MemberRemoveRequest.newBuilder().setID(Symbols.ADDED));
    call(Rpc.MEMBER_REMOVE, MemberRemoveRequest.newBuilder().setID(Symbols.ADDED));
    call(Rpc.MEMBER_LIST, MemberListRequest.newBuilder());
  }

  /** Events of one revision that do not fit into one answer. */
  private void largeEvents() {
    for (boolean fragment : List.of(true, false)) {
      steps.add(
          new Step.Watch(
              0,
              WatchRequest.newBuilder()
                  .setCreateRequest(
                      WatchCreateRequest.newBuilder()
                          .setKey(ByteString.copyFromUtf8("a"))
                          .setRangeEnd(ByteString.copyFromUtf8("c"))
                          .setPrevKv(true)
                          .setFragment(fragment))
                  .build()));
    }
    for (int i = 0; i < 2; i++) {
      call(Rpc.TXN, kv.puts(draw.bytes(LARGE), "a", "b"));
    }
    call(Rpc.TXN, kv.puts(ByteString.EMPTY, "a", "b"));
  }

  /** An alarm, what is refused meanwhile, and its end. */
  private void alarms() {
    var alarm = draw.of(AlarmType.NOSPACE, AlarmType.CORRUPT);
    alarm(AlarmRequest.AlarmAction.ACTIVATE, alarm);
    alarm(AlarmRequest.AlarmAction.ACTIVATE, alarm);
    alarm(AlarmRequest.AlarmAction.GET, draw.of(AlarmType.NONE, AlarmType.NOSPACE));
    call(Rpc.STATUS, StatusRequest.newBuilder());
    for (int i = 3 + draw.upTo(8); i > 0; i--) {
      call(Rpc.PUT, kv.put());
      step();
    }
    alarm(AlarmRequest.AlarmAction.DEACTIVATE, alarm);
    alarm(AlarmRequest.AlarmAction.DEACTIVATE, alarm);
    alarm(AlarmRequest.AlarmAction.GET, AlarmType.NONE);
    call(Rpc.STATUS, StatusRequest.newBuilder());
  }

  private void alarm(AlarmRequest.AlarmAction action, AlarmType alarm) {
    call(
        Rpc.ALARM,
        AlarmRequest.newBuilder().setAction(action).setAlarm(alarm).setMemberID(Symbols.MEMBER));
  }

  /** A lease that ends by time, and its keys with it. */
  private void expiry() {
    long id = 8;
    call(Rpc.LEASE_GRANT, LeaseGrantRequest.newBuilder().setID(id).setTTL(draw.of(0L, 1L, 2L)));
    for (int i = draw.upTo(3); i > 0; i--) {
      call(Rpc.PUT, kv.put().setLease(id).setIgnoreLease(false));
    }
    steps.add(new Step.KeepAlive(id));
    steps.add(new Step.AwaitEnd(id));
    call(Rpc.LEASE_TIME_TO_LIVE, LeaseTimeToLiveRequest.newBuilder().setID(id).setKeys(true));
    call(Rpc.LEASE_REVOKE, LeaseRevokeRequest.newBuilder().setID(id));
    steps.add(new Step.KeepAlive(id));
  }
}
