package dev.kelvin.store;

/**
 * How much memory the store may take, and how it treats the disk.
 *
 * @param cacheBytes block cache, index and filter blocks included
 * @param memtableBytes written data kept in memory before it is flushed
 * @param versionCacheBytes heap for current versions of keys
 * @param automatic whether RocksDB compacts by itself and close flushes; off, nothing reaches the
 *     disk but by {@link Store#flush}, so that closing is a power loss
 */
public record StoreConfig(
    long cacheBytes,
    long memtableBytes,
    long versionCacheBytes,
    boolean automatic,
    CommandCodec codec) {
  /** For production; the cache of current versions takes as much of the heap as the block cache. */
  public static StoreConfig sized(long cacheBytes, long memtableBytes) {
    return new StoreConfig(cacheBytes, memtableBytes, cacheBytes, true, CommandCodec.standard());
  }

  /** For a simulation in which time and I/O belong to the test. */
  public static StoreConfig simulated() {
    return new StoreConfig(8 << 20, 1L << 30, 1 << 20, false, CommandCodec.standard());
  }

  public StoreConfig withCodec(CommandCodec other) {
    return new StoreConfig(cacheBytes, memtableBytes, versionCacheBytes, automatic, other);
  }
}
