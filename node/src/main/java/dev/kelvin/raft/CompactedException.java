package dev.kelvin.raft;

/** The entry asked for is no longer in the log. */
public final class CompactedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public CompactedException(long index, long firstIndex) {
    super("log index " + index + " is gone; the log begins at " + firstIndex);
  }
}
