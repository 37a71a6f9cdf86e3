package dev.kelvin.api;

import dev.kelvin.member.Refusal;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.StoreError;

/**
 * Why a request is refused. Texts that start with {@code etcdserver:} are etcd's, byte for byte,
 * because clients match on them.
 *
 * @param code number of the gRPC status code
 */
public record ApiError(int code, String text) {
  private static final int UNKNOWN = 2;
  private static final int INVALID_ARGUMENT = 3;
  private static final int RESOURCE_EXHAUSTED = 8;
  private static final int FAILED_PRECONDITION = 9;
  private static final int OUT_OF_RANGE = 11;
  private static final int UNIMPLEMENTED = 12;
  private static final int INTERNAL = 13;
  private static final int UNAVAILABLE = 14;

  private static final ApiError[] BY_STORE_ERROR = new ApiError[StoreError.values().length];

  static {
    for (var error : StoreError.values()) {
      BY_STORE_ERROR[error.ordinal()] = new ApiError(error.code(), error.text());
    }
  }

  public static final ApiError EMPTY_KEY =
      new ApiError(INVALID_ARGUMENT, "etcdserver: key is not provided");
  public static final ApiError KEY_NOT_FOUND = of(StoreError.KEY_NOT_FOUND);
  public static final ApiError VALUE_PROVIDED =
      new ApiError(INVALID_ARGUMENT, "etcdserver: value is provided");
  public static final ApiError LEASE_PROVIDED =
      new ApiError(INVALID_ARGUMENT, "etcdserver: lease is provided");
  public static final ApiError TTL_TOO_LARGE =
      new ApiError(OUT_OF_RANGE, "etcdserver: too large lease TTL");
  public static final ApiError TOO_MANY_OPS =
      new ApiError(INVALID_ARGUMENT, "etcdserver: too many operations in txn request");
  public static final ApiError DUPLICATE_KEY =
      new ApiError(INVALID_ARGUMENT, "etcdserver: duplicate key given in txn request");
  public static final ApiError INVALID_SORT =
      new ApiError(INVALID_ARGUMENT, "etcdserver: invalid sort option");
  public static final ApiError STREAM_SORTED =
      new ApiError(UNIMPLEMENTED, "RangeStream does not support custom sort orders");
  public static final ApiError STREAM_FILTERED =
      new ApiError(UNIMPLEMENTED, "RangeStream does not support revision filters");
  public static final ApiError TOO_LARGE =
      new ApiError(INVALID_ARGUMENT, "etcdserver: request is too large");
  public static final ApiError TOO_MANY_REQUESTS =
      new ApiError(RESOURCE_EXHAUSTED, "etcdserver: too many requests");
  public static final ApiError NO_SPACE =
      new ApiError(RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded");
  public static final ApiError TIMEOUT = new ApiError(UNAVAILABLE, "etcdserver: request timed out");
  public static final ApiError NO_LEADER = new ApiError(UNAVAILABLE, "etcdserver: no leader");
  public static final ApiError STOPPED = new ApiError(UNAVAILABLE, "etcdserver: server stopped");
  public static final ApiError LEARNER =
      new ApiError(FAILED_PRECONDITION, "etcdserver: rpc not supported for learner");

  /** A caller waited for a lock, and its key is gone. */
  public static final ApiError SESSION_EXPIRED = new ApiError(UNKNOWN, "mutex: session is expired");

  public static final ApiError NOT_LEADER = new ApiError(UNKNOWN, "election: not leader");
  public static final ApiError NOBODY_ELECTED = new ApiError(UNKNOWN, "election: no leader");
  public static final ApiError LEADER_MISSING =
      new ApiError(UNKNOWN, "\"leader\" field must be provided");

  public static final ApiError WRONG_DOWNGRADE_FORMAT =
      new ApiError(INVALID_ARGUMENT, "etcdserver: wrong downgrade target version format");
  public static final ApiError INVALID_DOWNGRADE_TARGET =
      new ApiError(INVALID_ARGUMENT, "etcdserver: invalid downgrade target version");
  public static final ApiError UNKNOWN_METHOD = new ApiError(UNKNOWN, "etcdserver: unknown method");

  /** Ours: etcd has no state like it. */
  public static final ApiError WAITING =
      new ApiError(
          UNAVAILABLE,
          "kelvin: this node waits to be bootstrapped or joined and serves no requests yet");

  /** Ours. */
  public static final ApiError STARTING =
      new ApiError(UNAVAILABLE, "kelvin: this node opens its data and serves no requests yet");

  /** Ours. */
  public static final ApiError REMOVED =
      new ApiError(
          UNAVAILABLE, "kelvin: this node was removed from its cluster and serves no requests");

  /** What gRPC calls a message that cannot be parsed. */
  public static final ApiError MALFORMED =
      new ApiError(INTERNAL, "kelvin: request is not a valid protobuf message of its type");

  /** A defect of this server; the log has the rest. */
  public static final ApiError INTERNAL_ERROR =
      new ApiError(INTERNAL, "kelvin: internal error, see the node's log");

  public static ApiError of(StoreError error) {
    return BY_STORE_ERROR[error.ordinal()];
  }

  public static ApiError of(Refusal refusal) {
    return new ApiError(refusal.code(), refusal.text());
  }

  public static ApiError of(Replica.Failure failure) {
    return switch (failure) {
      case TOO_MANY_REQUESTS -> TOO_MANY_REQUESTS;
      case NO_SPACE -> NO_SPACE;
      case TIMEOUT -> TIMEOUT;
      case NO_LEADER -> NO_LEADER;
      case STOPPING -> STOPPED;
    };
  }

  /**
   * As the services for locks and elections pass an error on, which in etcd are clients of their
   * own server: the text without the code. What is worth another try keeps its code here.
   */
  static ApiError within(ApiError error) {
    boolean again = error.code == UNAVAILABLE || error.code == RESOURCE_EXHAUSTED;
    return again ? error : new ApiError(UNKNOWN, error.text);
  }
}
