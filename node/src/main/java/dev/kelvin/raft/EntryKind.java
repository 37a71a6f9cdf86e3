package dev.kelvin.raft;

/** What an entry is for; the code is what disks and wires carry. */
public enum EntryKind {
  /** A new leader's first entry: commits what earlier terms left (dissertation, 3.6.2). */
  NOOP(0),
  /** A command for the state machine. */
  COMMAND(1),
  /** A command that, once applied, changes who votes or learns. At most one is in flight. */
  MEMBERSHIP(2);

  private final int code;

  EntryKind(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  /**
   * Kind of a code read from disk or wire.
   *
   * @throws IllegalArgumentException for a code this version does not know
   */
  public static EntryKind of(int code) {
    return switch (code) {
      case 0 -> NOOP;
      case 1 -> COMMAND;
      case 2 -> MEMBERSHIP;
      default -> throw new IllegalArgumentException("unknown entry kind " + code);
    };
  }
}
