package dev.kelvin.store;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompactionStyle;
import org.rocksdb.CompressionType;
import org.rocksdb.Env;
import org.rocksdb.FlushOptions;
import org.rocksdb.IndexType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.TablePropertiesCollectorFactory;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;

/**
 * One open RocksDB with all its native companions, counted: a native handle used after close kills
 * the process, so {@link #retire} waits for the last use.
 */
final class Database {
  private static final long RETIRED = 1L << 62;

  static {
    RocksDB.loadLibrary();
  }

  private final String path;
  private final Cache cache;
  private final WriteBufferManager memtables;
  private final BloomFilter bloom;
  private final TablePropertiesCollectorFactory tombstones;
  private final Options options;
  private final WriteOptions noWal = new WriteOptions().setDisableWAL(true);
  private final RocksDB db;
  private final AtomicLong uses = new AtomicLong();
  private final CountDownLatch unused = new CountDownLatch(1);

  private Database(Env env, String path, StoreConfig config, boolean create)
      throws RocksDBException {
    this.path = path;
    cache = new LRUCache(config.cacheBytes() + config.memtableBytes());
    memtables = new WriteBufferManager(config.memtableBytes(), cache);
    bloom = new BloomFilter(10);
    // Files that are mostly removals are compacted soon: scans would have to walk over them.
    tombstones =
        TablePropertiesCollectorFactory.NewCompactOnDeletionCollectorFactory(4096, 2048, 0.5);
    var table =
        new BlockBasedTableConfig()
            .setBlockCache(cache)
            // Index and filter count against the budget, in small parts: whole ones of a large file
            // would be read again for every key once the cache is short.
            .setCacheIndexAndFilterBlocks(true)
            .setCacheIndexAndFilterBlocksWithHighPriority(true)
            .setIndexType(IndexType.kTwoLevelIndexSearch)
            .setPartitionFilters(true)
            .setPinTopLevelIndexAndFilter(true)
            .setPinL0FilterAndIndexBlocksInCache(true)
            .setFilterPolicy(bloom)
            .setWholeKeyFiltering(true)
            .setBlockSize(4 << 10);
    options =
        new Options()
            .setEnv(env)
            .setCreateIfMissing(create)
            .setWriteBufferManager(memtables)
            .setWriteBufferSize(
                config.automatic()
                    ? Math.max(1 << 20, config.memtableBytes() / 2)
                    : config.memtableBytes())
            .setMaxWriteBufferNumber(4)
            // One thread applies.
            .setAllowConcurrentMemtableWrite(false)
            .setLevel0FileNumCompactionTrigger(8)
            .setMaxBackgroundJobs(2)
            .setMaxOpenFiles(512)
            .setKeepLogFileNum(2)
            .setStatsDumpPeriodSec(0)
            .setStatsPersistPeriodSec(0)
            // What is young is soon written anew; only what stays is worth compressing.
            .setCompressionType(CompressionType.NO_COMPRESSION)
            .setBottommostCompressionType(CompressionType.LZ4_COMPRESSION)
            .setDisableAutoCompactions(!config.automatic())
            .setAvoidFlushDuringShutdown(!config.automatic())
            // Every file spans all tables, so a levelled compaction would write most of the next
            // level
            // anew for each flush; by size it costs half.
            .setCompactionStyle(CompactionStyle.UNIVERSAL)
            .setTableFormatConfig(table);
    options.setTablePropertiesCollectorFactory(List.of(tombstones));
    try {
      db = RocksDB.open(options, path);
    } catch (RocksDBException e) {
      closeCompanions();
      throw e;
    }
  }

  static Database open(Env env, String path, StoreConfig config, boolean create)
      throws RocksDBException {
    return new Database(env, path, config, create);
  }

  String path() {
    return path;
  }

  /** Only between {@link #acquire} and {@link #release}. */
  RocksDB db() {
    return db;
  }

  /** Takes a use. False once retired. */
  boolean acquire() {
    while (true) {
      long now = uses.get();
      if (now >= RETIRED) {
        return false;
      }
      if (uses.compareAndSet(now, now + 1)) {
        return true;
      }
    }
  }

  void release() {
    if (uses.decrementAndGet() == RETIRED) {
      unused.countDown();
    }
  }

  void write(WriteBatch batch) {
    try {
      db.write(noWal, batch);
    } catch (RocksDBException e) {
      throw new StoreException(e);
    }
  }

  byte[] get(byte[] row) {
    try {
      return db.get(row);
    } catch (RocksDBException e) {
      throw new StoreException(e);
    }
  }

  void flush() {
    try (var wait = new FlushOptions().setWaitForFlush(true)) {
      db.flush(wait);
    } catch (RocksDBException e) {
      throw new StoreException(e);
    }
  }

  long property(String name) {
    try {
      return db.getLongProperty(name);
    } catch (RocksDBException e) {
      throw new StoreException(e);
    }
  }

  /** Refuses new uses, waits for those under way, closes. */
  void retire() {
    if (uses.getAndAdd(RETIRED) != 0) {
      boolean interrupted = false;
      while (true) {
        try {
          unused.await();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    db.close();
    closeCompanions();
  }

  private void closeCompanions() {
    noWal.close();
    options.close();
    tombstones.close();
    bloom.close();
    memtables.close();
    cache.close();
  }
}
