package dev.kelvin.differential;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kelvin.proto.etcdserverpb.DowngradeResponse;
import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.HashKVResponse;
import dev.kelvin.proto.etcdserverpb.HashResponse;
import dev.kelvin.proto.etcdserverpb.LeaseLeasesResponse;
import dev.kelvin.proto.etcdserverpb.LeaseStatus;
import dev.kelvin.proto.etcdserverpb.LeaseTimeToLiveResponse;
import dev.kelvin.proto.etcdserverpb.MemberUpdateRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.StatusResponse;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.proto.etcdserverpb.TxnResponse;
import io.grpc.Status;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Differences that are meant, each as narrow as it can be said. All of them stand, with their
 * reasons, in docs/compatibility.md under "Deliberate differences".
 */
enum Deliberate {
  VERSION("Status and Downgrade name another version"),
  QUOTA("Status names no quota where there is none"),
  LEASE_KEYS("keys of a lease are in order"),
  WATCH_REVISION("an answer with events may name a later revision"),
  OVERLAP(
      "a transaction that would write one key twice is refused in two more corners",
      "etcdserver: duplicate key given in txn request"),
  UPDATE_URLS(
      "a member's new addresses must be addresses", "etcdserver: given member URLs are invalid"),
  KEYS_ONLY("a range of keys only names their leases"),
  HASH("each server has a hash of its own"),
  HASH_REVISION("HashKV of a revision below 0 or of the last compaction says what is now"),
  HASH_NOTED("HashKV of an earlier compaction's revision is refused as any compacted one"),
  LEASE_ORDER("leases that end within the same millisecond are in the order of their grants"),
  SAME_MEMBER("etcd takes a member added again within a second for the same"),
  SORTED_PARTS("a range in parts is sorted by nothing but the key"),
  TTL_FIRST("a lease with a TTL too large is refused for that, alarm or not"),
  LINGERING("a watch that a compaction ended is gone"),
  MESSAGE_SIZE("words for a message that gRPC itself refuses");

  private static final List<String> ALARMS =
      List.of("etcdserver: mvcc: database space exceeded", "etcdserver: corrupt cluster");

  /** Two ends may be as close to each other as a client sees them this far apart. */
  private static final long CLOSE_MILLIS = 100;

  final String what;
  private final String refusal;

  Deliberate(String what) {
    this(what, null);
  }

  /**
   * @param refusal what Kelvin says where etcd does as asked
   */
  Deliberate(String what, String refusal) {
    this.what = what;
    this.refusal = refusal;
  }

  /** An answer without what is meant to differ. */
  static Message without(Message answer, Coverage coverage) {
    return switch (answer) {
      case DowngradeResponse downgrade -> {
        coverage.met(VERSION);
        yield downgrade.toBuilder().clearVersion().build();
      }
      case HashResponse hash -> {
        coverage.met(HASH);
        yield hash.toBuilder().clearHash().build();
      }
      case StatusResponse status -> {
        coverage.met(VERSION);
        coverage.met(QUOTA);
        yield status.toBuilder().clearVersion().clearStorageVersion().clearDbSizeQuota().build();
      }
      case LeaseTimeToLiveResponse times when times.getKeysCount() > 1 -> {
        coverage.met(LEASE_KEYS);
        var keys =
            times.getKeysList().stream()
                .sorted(ByteString.unsignedLexicographicalComparator())
                .toList();
        yield times.toBuilder().clearKeys().addAllKeys(keys).build();
      }
      default -> answer;
    };
  }

  /**
   * Kelvin's answer without what is meant to differ because of what was asked.
   *
   * @param etcd the answer to the same request
   */
  static Message without(Message asked, Message etcd, Message answer, Coverage coverage) {
    return switch (asked) {
      case RangeRequest range
          when answer instanceof RangeResponse found
              && range.getKeysOnly()
              && range.getSortTarget() != RangeRequest.SortTarget.VALUE ->
          withoutLeases(found, coverage);
      case TxnRequest txn
          when answer instanceof TxnResponse done
              && etcd instanceof TxnResponse other
              && done.getSucceeded() == other.getSucceeded() ->
          withoutLeases(txn, other, done, coverage);
      case HashKVRequest hash
          when answer instanceof HashKVResponse kelvin && etcd instanceof HashKVResponse other -> {
        coverage.met(HASH);
        var same = kelvin.toBuilder().setHash(other.getHash());
        if (hash.getRevision() < 0 || hash.getRevision() == kelvin.getCompactRevision()) {
          coverage.met(HASH_REVISION);
          same.setHashRevision(other.getHashRevision())
              .setCompactRevision(other.getCompactRevision());
        }
        yield same.build();
      }
      default -> answer;
    };
  }

  private static RangeResponse withoutLeases(RangeResponse found, Coverage coverage) {
    var bare = found.toBuilder();
    for (var kv : bare.getKvsBuilderList()) {
      if (kv.getLease() != 0) {
        coverage.met(KEYS_ONLY);
        kv.clearLease();
      }
    }
    return bare.build();
  }

  private static TxnResponse withoutLeases(
      TxnRequest txn, TxnResponse etcd, TxnResponse answer, Coverage coverage) {
    var ops = answer.getSucceeded() ? txn.getSuccessList() : txn.getFailureList();
    if (ops.size() != answer.getResponsesCount() || ops.size() != etcd.getResponsesCount()) {
      return answer;
    }
    var bare = answer.toBuilder();
    for (int i = 0; i < ops.size(); i++) {
      var op = ops.get(i);
      var response = answer.getResponses(i);
      var other = etcd.getResponses(i);
      if (op.hasRequestRange()
          && without(
                  op.getRequestRange(),
                  other.getResponseRange(),
                  response.getResponseRange(),
                  coverage)
              instanceof RangeResponse range
          && response.hasResponseRange()) {
        bare.getResponsesBuilder(i).setResponseRange(range);
      } else if (op.hasRequestTxn()
          && without(
                  op.getRequestTxn(), other.getResponseTxn(), response.getResponseTxn(), coverage)
              instanceof TxnResponse nested
          && response.hasResponseTxn()) {
        bare.getResponsesBuilder(i).setResponseTxn(nested);
      }
    }
    return bare.build();
  }

  /**
   * Whether etcd answers with the hash that it noted when it compacted just that revision, and
   * Kelvin refuses the revision because it was compacted further since.
   *
   * @param compactions all revisions that were compacted
   */
  static boolean noted(
      HashKVRequest asked, HashKVResponse etcd, Status kelvin, NavigableSet<Long> compactions) {
    var before = compactions.lower(asked.getRevision());
    return compactions.contains(asked.getRevision())
        && compactions.last() > asked.getRevision()
        && etcd.getHashRevision() == asked.getRevision()
        && etcd.getCompactRevision() == (before == null ? -1 : before)
        && kelvin.getCode() == Status.Code.OUT_OF_RANGE
        && "etcdserver: mvcc: required revision has been compacted".equals(kelvin.getDescription());
  }

  /** Whether a range in parts is one that Kelvin refuses, and it did. */
  static boolean sortedParts(RangeRequest request, Status kelvin) {
    return request.getSortTarget() != RangeRequest.SortTarget.KEY
        && request.getSortOrder() == RangeRequest.SortOrder.NONE
        && "RangeStream does not support custom sort orders".equals(kelvin.getDescription());
  }

  /**
   * Whether two lists have the same leases, in another order only where ends are close.
   *
   * @param ends of leases in milliseconds, as far as a client can know
   */
  static boolean sameLeases(
      LeaseLeasesResponse etcd, LeaseLeasesResponse kelvin, Map<Long, Long> ends) {
    var a = etcd.getLeasesList().stream().map(LeaseStatus::getID).toList();
    var b = kelvin.getLeasesList().stream().map(LeaseStatus::getID).toList();
    if (a.size() != b.size() || !Set.copyOf(a).equals(Set.copyOf(b))) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      for (int j = i + 1; j < a.size(); j++) {
        boolean swapped = b.indexOf(a.get(i)) > b.indexOf(a.get(j));
        long apart = ends.getOrDefault(a.get(i), 0L) - ends.getOrDefault(a.get(j), 0L);
        if (swapped && Math.abs(apart) > CLOSE_MILLIS) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether two refusals are meant to differ. */
  static Deliberate words(Rpc rpc, Status etcd, Status kelvin) {
    if (messageSize(etcd, kelvin)) {
      return MESSAGE_SIZE;
    }
    if (rpc == Rpc.LEASE_GRANT
        && "etcdserver: too large lease TTL".equals(kelvin.getDescription())
        && ALARMS.contains(etcd.getDescription())) {
      return TTL_FIRST;
    }
    return rpc == Rpc.MEMBER_ADD
            && "etcdserver: member ID already exist".equals(etcd.getDescription())
            && "etcdserver: Peer URLs already exists".equals(kelvin.getDescription())
            && etcd.getCode() == kelvin.getCode()
        ? SAME_MEMBER
        : null;
  }

  /** Whether both say, each in its words, that gRPC takes no message of that size. */
  private static boolean messageSize(Status etcd, Status kelvin) {
    return etcd.getCode() == Status.Code.RESOURCE_EXHAUSTED
        && kelvin.getCode() == Status.Code.RESOURCE_EXHAUSTED
        && etcd.getDescription().startsWith("grpc: received message larger than max")
        && kelvin.getDescription().startsWith("gRPC message exceeds maximum size");
  }

  /** The difference by which Kelvin may refuse a request that etcd takes; null if there is none. */
  static Deliberate refusal(Message request) {
    return switch (request) {
      case TxnRequest txn when overlap(txn) -> OVERLAP;
      case MemberUpdateRequest update
          when update.getPeerURLsList().stream().anyMatch(url -> !url.startsWith("http://")) ->
          UPDATE_URLS;
      default -> null;
    };
  }

  /** Whether this is how Kelvin refuses. */
  boolean refuses(Status status) {
    return status != null && refusal.equals(status.getDescription());
  }

  /**
   * Whether a transaction is in a corner that etcd overlooks: a deletion without end beside a put,
   * or a put and a deletion in different nested transactions.
   */
  static boolean overlap(TxnRequest txn) {
    return overlap(txn.getSuccessList()) || overlap(txn.getFailureList());
  }

  private static boolean overlap(List<RequestOp> ops) {
    boolean put = all(ops).anyMatch(RequestOp::hasRequestPut);
    boolean endless =
        all(ops)
            .anyMatch(
                op ->
                    op.hasRequestDeleteRange()
                        && op.getRequestDeleteRange().getRangeEnd().equals(Requests.ENDLESS));
    long deleting =
        ops.stream()
            .filter(RequestOp::hasRequestTxn)
            .filter(op -> all(List.of(op)).anyMatch(RequestOp::hasRequestDeleteRange))
            .count();
    long nested = ops.stream().filter(RequestOp::hasRequestTxn).count();
    return put && (endless || deleting > 0 && nested > 1)
        || ops.stream()
            .filter(RequestOp::hasRequestTxn)
            .anyMatch(op -> overlap(op.getRequestTxn()));
  }

  /** The operations, and those of all nested transactions. */
  private static Stream<RequestOp> all(List<RequestOp> ops) {
    return ops.stream()
        .flatMap(
            op ->
                op.hasRequestTxn()
                    ? Stream.concat(
                        all(op.getRequestTxn().getSuccessList()),
                        all(op.getRequestTxn().getFailureList()))
                    : Stream.of(op));
  }
}
