package dev.kelvin.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactionOptionsUniversal;
import org.rocksdb.CompactionStyle;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.Env;
import org.rocksdb.FlushOptions;
import org.rocksdb.IndexType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
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
  private static final long LOG_BYTES = 4 << 20;
  private static final long MANIFEST_BYTES = 16 << 20;
  private static final byte[] EVENTS = "events".getBytes(StandardCharsets.US_ASCII);

  static {
    RocksDB.loadLibrary();
  }

  private final String path;
  private final Cache cache;
  private final WriteBufferManager memtables;
  private final BloomFilter bloom;
  private final TablePropertiesCollectorFactory tombstones;
  private final DBOptions options;
  private final ColumnFamilyOptions rowOptions;
  private final ColumnFamilyOptions eventOptions;
  private final CompactionOptionsUniversal moving;
  private final WriteOptions noWal = new WriteOptions().setDisableWAL(true);
  private final List<ColumnFamilyHandle> families = new ArrayList<>();
  private final Reclaim reclaim = new Reclaim();
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
    options =
        new DBOptions()
            .setEnv(env)
            .setCreateIfMissing(create)
            .setCreateMissingColumnFamilies(create)
            // Without RocksDB's log the families are one state only if they reach the disk as one.
            .setAtomicFlush(true)
            .setWriteBufferManager(memtables)
            .setRateLimiter(reclaim.rate())
            // One thread applies.
            .setAllowConcurrentMemtableWrite(false)
            .setMaxBackgroundJobs(2)
            .setMaxOpenFiles(512)
            // Else RocksDB's own records grow as long as the process runs, or to 1 GiB.
            .setKeepLogFileNum(2)
            .setMaxLogFileSize(LOG_BYTES)
            .setMaxManifestFileSize(MANIFEST_BYTES)
            .setStatsDumpPeriodSec(0)
            .setStatsPersistPeriodSec(0)
            .setAvoidFlushDuringShutdown(!config.automatic());
    rowOptions = family(config);
    eventOptions = family(config);
    // Events come in the order of their keys: files that do not overlap are only put elsewhere.
    moving = new CompactionOptionsUniversal().setAllowTrivialMove(true);
    eventOptions.setCompactionOptionsUniversal(moving);
    try {
      db =
          RocksDB.open(
              options,
              path,
              List.of(
                  new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, rowOptions),
                  new ColumnFamilyDescriptor(EVENTS, eventOptions)),
              families);
    } catch (RocksDBException e) {
      closeCompanions();
      throw e;
    }
  }

  /** For one family; by way of options for all, which can do more. */
  private ColumnFamilyOptions family(StoreConfig config) {
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
    try (var family = new Options()) {
      family
          .setWriteBufferSize(
              config.automatic()
                  ? Math.max(1 << 20, config.memtableBytes() / 2)
                  : config.memtableBytes())
          .setMaxWriteBufferNumber(4)
          .setLevel0FileNumCompactionTrigger(8)
          // What is young is soon written anew; only what stays is worth compressing.
          .setCompressionType(CompressionType.NO_COMPRESSION)
          .setBottommostCompressionType(CompressionType.LZ4_COMPRESSION)
          .setDisableAutoCompactions(!config.automatic())
          // A file spans all keys, so that a levelled compaction would write most of the next level
          // anew for each flush; by size it costs half.
          .setCompactionStyle(CompactionStyle.UNIVERSAL)
          .setTableFormatConfig(table);
      family.setTablePropertiesCollectorFactory(List.of(tombstones));
      return new ColumnFamilyOptions(family);
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

  /** Family of the events; all other rows are in the default one. */
  ColumnFamilyHandle events() {
    return families.getLast();
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

  /** What to throw for a failed write: no space is something that can be waited for. */
  static RuntimeException failure(RocksDBException e) {
    var status = e.getStatus();
    return status != null && status.getSubCode() == Status.SubCode.NoSpace
        ? new NoSpaceException(e)
        : new StoreException(e);
  }

  /**
   * @throws NoSpaceException when a flush in the background met a full disk and the database has
   *     not recovered from it yet; nothing is written then
   */
  void write(RowBatch rows) {
    try (var batch = new WriteBatch(rows.serialized())) {
      db.write(noWal, batch);
    } catch (RocksDBException e) {
      throw failure(e);
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
      db.flush(wait, families);
    } catch (RocksDBException e) {
      throw failure(e);
    }
  }

  /**
   * As {@link Reclaim#run}; ends early when this is retired.
   *
   * @return false if it was ended early
   */
  boolean reclaim() {
    return reclaim.run(db, families);
  }

  /** Sum over the families. */
  long property(String name) {
    try {
      return db.getAggregatedLongProperty(name);
    } catch (RocksDBException e) {
      throw new StoreException(e);
    }
  }

  /** Refuses new uses, waits for those under way, closes. */
  void retire() {
    long users = uses.getAndAdd(RETIRED);
    reclaim.cancel();
    if (users != 0) {
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
    families.forEach(ColumnFamilyHandle::close);
    db.close();
    closeCompanions();
  }

  private void closeCompanions() {
    noWal.close();
    options.close();
    rowOptions.close();
    eventOptions.close();
    moving.close();
    tombstones.close();
    bloom.close();
    memtables.close();
    reclaim.close();
    cache.close();
  }
}
