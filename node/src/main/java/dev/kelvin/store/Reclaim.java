package dev.kelvin.store;

import java.util.List;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.RateLimiter;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * Rewrites a database's files without what was removed, beside reads and writes. While it does,
 * RocksDB writes no faster than {@link #PACE}, flushes first; at other times as fast as it can.
 */
final class Reclaim implements AutoCloseable {
  /** Bytes a second. */
  private static final long PACE = 64L << 20;

  /** Bytes a second that no disk writes. */
  private static final long UNBOUNDED = 1L << 40;

  private final RateLimiter rate = new RateLimiter(UNBOUNDED);

  /** Of the run under way; null when there is none. */
  private CompactRangeOptions running;

  private boolean cancelled;

  /** For the options of the database; closed after it. */
  RateLimiter rate() {
    return rate;
  }

  /**
   * Returns when all is rewritten, which may take long. One at a time.
   *
   * @return false if {@link #cancel} came in between
   * @throws NoSpaceException when the disk has no room for the new files beside the old ones
   */
  boolean run(RocksDB db, List<ColumnFamilyHandle> families) {
    try (var options = new CompactRangeOptions().setExclusiveManualCompaction(false);
        var flush = new FlushOptions().setWaitForFlush(true)) {
      if (!begin(options)) {
        return false;
      }
      try {
        // What is in memory holds removals, without which nothing can go.
        db.flush(flush, families);
        rate.setBytesPerSecond(PACE);
        for (var family : families) {
          db.compactRange(family, null, null, options);
        }
        return true;
      } finally {
        rate.setBytesPerSecond(UNBOUNDED);
        end();
      }
    } catch (RocksDBException e) {
      var status = e.getStatus();
      if (status != null && status.getCode() == Status.Code.Incomplete && isCancelled()) {
        return false;
      }
      throw Database.failure(e);
    }
  }

  private synchronized boolean begin(CompactRangeOptions options) {
    if (running != null) {
      throw new IllegalStateException("space is being given back already");
    }
    if (!cancelled) {
      running = options;
    }
    return !cancelled;
  }

  private synchronized void end() {
    running = null;
  }

  private synchronized boolean isCancelled() {
    return cancelled;
  }

  /** Ends the run under way soon, and lets none begin any more. */
  synchronized void cancel() {
    cancelled = true;
    if (running != null) {
      running.setCanceled(true);
    }
  }

  @Override
  public void close() {
    rate.close();
  }
}
