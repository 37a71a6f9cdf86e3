package dev.kelvin.raft;

/**
 * One entry of the replicated log. The core never looks into {@code data}; it is shared, not
 * copied, and must not be modified once the entry exists.
 *
 * @param index position in the log, from 1
 * @param term term of the leader that created the entry
 * @param kind what the entry is for
 * @param data encoded command; empty for {@link EntryKind#NOOP}
 */
public record Entry(long index, long term, EntryKind kind, byte[] data) {
  /** Bytes an entry counts as in every limit, beyond its data. */
  public static final int OVERHEAD = 32;

  /** Size that limits and flow control count, in bytes. */
  public int size() {
    return data.length + OVERHEAD;
  }
}
