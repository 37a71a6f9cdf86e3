package dev.kelvin.store;

/**
 * Which request a command's payload is; the code is what disks and wires carry. The first release
 * fixes which kinds format 1 has: one that is added after it belongs to a format of its own, which
 * is written once all members read it ({@link CommandCodec}).
 */
public enum CommandKind {
  /** etcdserverpb.PutRequest. */
  PUT(1),
  /** etcdserverpb.DeleteRangeRequest. */
  DELETE_RANGE(2),
  /** etcdserverpb.TxnRequest. */
  TXN(3),
  /** etcdserverpb.CompactionRequest. */
  COMPACT(4),
  /** etcdserverpb.LeaseGrantRequest, with an ID and a time that the door has seen to. */
  LEASE_GRANT(5),
  /** etcdserverpb.LeaseRevokeRequest. */
  LEASE_REVOKE(6),
  /** {@link LeaseCommand.Expire}. */
  LEASE_EXPIRE(7),
  /** {@link LeaseCommand.Checkpoint}. */
  LEASE_CHECKPOINT(8),
  /** etcdserverpb.AlarmRequest. */
  ALARM(9),
  /** {@link TimedPut}. */
  TIMED_PUT(10),
  /** {@link MemberChange}; in an entry of kind MEMBERSHIP when it changes who votes or learns. */
  MEMBER(16);

  private final int code;

  CommandKind(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
