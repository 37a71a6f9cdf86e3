package dev.kelvin.store;

/** Which request a command's payload is; the code is what disks and wires carry. */
public enum CommandKind {
  /** etcdserverpb.PutRequest. */
  PUT(1),
  /** etcdserverpb.DeleteRangeRequest. */
  DELETE_RANGE(2),
  /** etcdserverpb.TxnRequest. */
  TXN(3),
  /** etcdserverpb.CompactionRequest. */
  COMPACT(4),
  /** {@link MemberChange}; in an entry of kind MEMBERSHIP when it changes who votes or learns. */
  MEMBER(16);

  private final int code;

  CommandKind(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  /**
   * Kind of a code read from disk or wire.
   *
   * @throws UnknownFormatException for a code this version does not know
   */
  static CommandKind of(int code) {
    return switch (code) {
      case 1 -> PUT;
      case 2 -> DELETE_RANGE;
      case 3 -> TXN;
      case 4 -> COMPACT;
      case 16 -> MEMBER;
      default -> throw new UnknownFormatException("unknown command kind " + code);
    };
  }
}
