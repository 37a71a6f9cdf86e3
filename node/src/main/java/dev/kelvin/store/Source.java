package dev.kelvin.store;

import com.google.protobuf.ByteString;

/** A state that ranges and compares can be answered from. */
interface Source {
  long revision();

  /** Last compaction's revision; -1 before the first. */
  long compact();

  /**
   * Version of a key that is valid at a revision from compact to current; null if there is none.
   */
  Version at(ByteString key, long revision);

  /**
   * Keys that exist at a revision, in order.
   *
   * @param end exclusive; null for no end
   */
  Scan scan(ByteString from, ByteString end, long revision);

  /** The version with its value. */
  Version withValue(Version version);

  /** Walks keys; close it. */
  interface Scan extends AutoCloseable {
    boolean next();

    ByteString key();

    Version version();

    @Override
    void close();
  }
}
