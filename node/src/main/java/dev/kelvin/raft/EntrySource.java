package dev.kelvin.raft;

import java.util.List;

/**
 * The persisted log as the core reads it. Safe to call from the core's thread while another one
 * appends.
 */
public interface EntrySource {
  /** Lowest index that {@link #entries} can return; {@code lastIndex() + 1} when there is none. */
  long firstIndex();

  /** Highest index in the log; {@code firstIndex() - 1} when there is none. */
  long lastIndex();

  /**
   * Term of an entry.
   *
   * @param index from {@code firstIndex() - 1} (the base: what a snapshot or a truncation left) to
   *     {@code lastIndex()}
   * @throws CompactedException when the index is below that
   */
  long term(long index);

  /**
   * Entries from {@code from} (inclusive) to {@code to} (exclusive), cut so that their sizes sum to
   * at most {@code maxBytes}, but never fewer than one.
   *
   * @throws CompactedException when {@code from} is below {@link #firstIndex()}
   */
  List<Entry> entries(long from, long to, long maxBytes);
}
