package dev.kelvin.log;

import java.security.SecureRandom;
import java.util.function.LongSupplier;

/**
 * Sizes of a log.
 *
 * @param segmentBytes size of a segment file; one entry that is larger gets a larger file
 * @param cacheBytes newest entries kept in memory, by {@link dev.kelvin.raft.Entry#size}
 * @param spareSegments dropped segment files kept for use again
 * @param salts makes a number for each segment that nobody can foretell
 */
public record LogConfig(long segmentBytes, long cacheBytes, int spareSegments, LongSupplier salts) {
  public static final LogConfig DEFAULT = new LogConfig(64L << 20, 2L << 20);

  public LogConfig {
    if (segmentBytes < 2 * SegmentHeader.SIZE || segmentBytes > 1L << 36) {
      throw new IllegalArgumentException("segmentBytes " + segmentBytes + " not in 1 KiB..64 GiB");
    }
    if (cacheBytes < 0 || spareSegments < 0) {
      throw new IllegalArgumentException("sizes cannot be negative");
    }
  }

  public LogConfig(long segmentBytes, long cacheBytes) {
    this(segmentBytes, cacheBytes, 2, new SecureRandom()::nextLong);
  }
}
