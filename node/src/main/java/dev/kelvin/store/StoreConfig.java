package dev.kelvin.store;

/**
 * Sizes of a store, in bytes.
 *
 * @param cacheBytes RocksDB's block cache, which its memtables and index blocks are counted against
 * @param memtableBytes of it, what may be written before it is flushed
 * @param versionCacheBytes current versions of recently used keys, on the heap
 * @param background whether RocksDB flushes and compacts by itself; without, only {@link
 *     Store#flush} writes anything
 * @param codec reads commands
 */
public record StoreConfig(
    long cacheBytes,
    long memtableBytes,
    long versionCacheBytes,
    boolean background,
    CommandCodec codec) {

  public static StoreConfig sized(long cacheBytes, long memtableBytes) {
    return new StoreConfig(cacheBytes, memtableBytes, 32L << 20, true, CommandCodec.standard());
  }

  /** Small, and nothing happens unless asked for. */
  public static StoreConfig simulated() {
    return new StoreConfig(8L << 20, 1L << 30, 1 << 16, false, CommandCodec.standard());
  }

  public StoreConfig withCodec(CommandCodec other) {
    return new StoreConfig(cacheBytes, memtableBytes, versionCacheBytes, background, other);
  }
}
