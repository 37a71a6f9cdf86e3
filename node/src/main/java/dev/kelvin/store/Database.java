package dev.kelvin.store;

import java.util.ArrayDeque;
import java.util.concurrent.Phaser;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.Env;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.ReadTier;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;

/**
 * One open RocksDB and all native objects it needs. Every use is between {@link #acquire} and
 * {@link #release}; {@link #close} waits for the last use, because a native handle used after its
 * close is no exception but the end of the process.
 */
final class Database {
  final RocksDB db;
  final String path;
  final WriteOptions write;
  final ReadOptions read;
  final ReadOptions readMemory;
  final ReadOptions readDurable;

  /** In the order in which they are to be closed. */
  private final ArrayDeque<AutoCloseable> natives = new ArrayDeque<>();

  private final Phaser uses = new Phaser(1);

  private Database(String path, Env env, StoreConfig config) throws RocksDBException {
    RocksDB.loadLibrary();
    this.path = path;
    var cache = own(new LRUCache(config.cacheBytes(), -1, false, 0.5));
    var memtables = own(new WriteBufferManager(config.memtableBytes(), cache));
    var bloom = own(new BloomFilter(10));
    var options = own(new Options());
    options
        .setCreateIfMissing(true)
        .setEnv(env)
        .setAvoidFlushDuringShutdown(true)
        .setWriteBufferSize(Math.max(64 << 10, config.memtableBytes() / 2))
        .setMaxWriteBufferNumber(4)
        .setWriteBufferManager(memtables)
        .setMaxBackgroundJobs(2)
        .setLevelCompactionDynamicLevelBytes(true)
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setDisableAutoCompactions(!config.background())
        .setInfoLogLevel(org.rocksdb.InfoLogLevel.WARN_LEVEL)
        .setKeepLogFileNum(2)
        .setStatsDumpPeriodSec(0)
        .setTableFormatConfig(
            new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setFilterPolicy(bloom)
                .setCacheIndexAndFilterBlocks(true)
                .setPinL0FilterAndIndexBlocksInCache(true)
                .setBlockSize(8 << 10)
                .setFormatVersion(5));
    write = own(new WriteOptions().setDisableWAL(true));
    read = own(new ReadOptions());
    readMemory = own(new ReadOptions().setReadTier(ReadTier.BLOCK_CACHE_TIER));
    readDurable = own(new ReadOptions().setReadTier(ReadTier.PERSISTED_TIER));
    db = own(RocksDB.open(options, path));
  }

  private <T extends AutoCloseable> T own(T object) {
    natives.push(object);
    return object;
  }

  static Database open(String path, Env env, StoreConfig config) throws RocksDBException {
    return new Database(path, env, config);
  }

  /** False when it is closed, or about to be. */
  boolean acquire() {
    return uses.register() >= 0;
  }

  void release() {
    uses.arriveAndDeregister();
  }

  /** Waits until nobody uses it any more. */
  void close() {
    uses.arriveAndDeregister();
    uses.awaitAdvance(0);
    for (var object : natives) {
      try {
        object.close();
      } catch (Exception e) {
        throw new IllegalStateException("cannot close " + path, e);
      }
    }
  }
}
