package dev.kelvin.cli;

/** Exit codes: part of what scripts rely on, see docs/cli.md. */
public final class Exit {
  public static final int OK = 0;

  /** Refused by a node, or by this machine. */
  public static final int FAILURE = 1;

  /** A wrong command line, or wrong input. */
  public static final int USAGE = 2;

  /** No such key, lease or member. */
  public static final int NOT_FOUND = 3;

  /** A transaction's comparison did not hold. */
  public static final int COMPARE_FAILED = 4;

  /** Nobody answered, nothing was changed. */
  public static final int NO_ENDPOINT = 5;

  /** A write was sent and not answered. */
  public static final int UNKNOWN_OUTCOME = 6;

  private Exit() {}
}
