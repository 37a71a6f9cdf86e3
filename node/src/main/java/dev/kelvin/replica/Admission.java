package dev.kelvin.replica;

import dev.kelvin.store.CommandCodec;
import dev.kelvin.store.Growth;

/**
 * What a leader does not propose for want of disk space: commands that add data. Decided before the
 * proposal, so that all members apply the same. A command is parsed only while space is short.
 */
final class Admission {
  private final DiskSpace space;
  private final CommandCodec codec;

  Admission(DiskSpace space, CommandCodec codec) {
    this.space = space;
    this.codec = codec;
  }

  boolean spaceIsShort() {
    return space.isShort();
  }

  /** Whether a write waits for space: then those after it must not wait for its end. */
  boolean writeWaits() {
    return space.anyWaits();
  }

  boolean refuses(byte[] command) {
    return space.isShort() && Growth.adds(codec, command);
  }
}
