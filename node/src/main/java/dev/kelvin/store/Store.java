package dev.kelvin.store;

import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.mvccpb.KeyValue;
import dev.kelvin.raft.Entry;
import dev.kelvin.raft.SnapshotMeta;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.rocksdb.Checkpoint;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * etcd's multi-version key-value model on RocksDB. RocksDB's own log is off: the replicated log is
 * what a crash is mended from, starting behind {@link #durable}.
 *
 * <p>A write that finds no space on the disk is a {@link NoSpaceException} and may be repeated.
 * Every other failure of the database is a {@link StoreException}, after which the store must be
 * closed.
 */
public final class Store implements StateMachine, Reader {
  private final StoreDirectory directory;
  private final StoreConfig config;
  private final StoreMeter meter = new StoreMeter();
  private volatile Live live;
  private volatile boolean closed;
  private volatile StoreException failure;
  private final Removals removals = new Removals();
  private volatile ChangeListener changeListener = ChangeListener.NOBODY;
  private volatile LeaseListener leaseListener = LeaseListener.NOBODY;

  /** Copies that are being read. */
  private final Set<SnapshotExport> exports = ConcurrentHashMap.newKeySet();

  /** Held, shared, while a copy is made. */
  private final ReadWriteLock exporting = new ReentrantReadWriteLock();

  private Store(StoreDirectory directory, StoreConfig config) {
    this.directory = directory;
    this.config = config;
    try {
      live =
          new Live(Database.open(directory.env(), directory.live(), config, true), config, meter);
    } catch (RocksDBException e) {
      throw new StoreException(e);
    }
  }

  /**
   * @throws UnknownFormatException for a store that a later version wrote
   */
  public static Store open(StoreDirectory directory, StoreConfig config) {
    return new Store(directory, config);
  }

  @Override
  public Position applied() {
    return live.meta().applied();
  }

  @Override
  public Position durable() {
    return use(Live::durable);
  }

  @Override
  public ClusterState cluster() {
    return live.meta().cluster();
  }

  @Override
  public long revision() {
    return live.meta().revision();
  }

  @Override
  public long compactRevision() {
    return Math.max(0, live.meta().compact());
  }

  /** Compaction up to which rows are removed for good. */
  public long physicallyCompacted() {
    return live.physicallyCompacted();
  }

  @Override
  public void apply(List<Entry> entries, Listener listener) {
    use(
        state -> {
          state.apply(entries, listener, changeListener, leaseListener);
          return null;
        });
  }

  @Override
  public Outcome range(RangeRequest request, boolean memoryOnly) {
    var outcome = use(state -> state.range(request, memoryOnly));
    if (outcome != null) {
      meter.range();
    }
    return outcome;
  }

  /** What was counted since this object was made; an install changes no count. */
  public StoreMeter meter() {
    return meter;
  }

  @Override
  public Outcome page(RangeRequest request, long maxBytes) {
    return use(
        state -> {
          try (var source = DbSource.snapshot(state.database())) {
            return Ranges.page(source, request, maxBytes);
          }
        });
  }

  @Override
  public Outcome hash() {
    return use(
        state -> {
          try (var source = DbSource.snapshot(state.database())) {
            return source.hash();
          }
        });
  }

  @Override
  public Outcome hash(HashKVRequest request) {
    return use(
        state -> {
          try (var source = DbSource.snapshot(state.database())) {
            return source.hash(request.getRevision());
          }
        });
  }

  /** Names the one who hears of changes from now on; before anything is applied. */
  public void listen(ChangeListener listener) {
    changeListener = listener;
  }

  /** Names the one who hears of leases from now on; before anything is applied. */
  public void listen(LeaseListener listener) {
    leaseListener = listener;
  }

  @Override
  public Lease lease(long id) {
    return live.lease(id);
  }

  @Override
  public List<Lease> leases() {
    return live.leases();
  }

  @Override
  public List<Alarm> alarms() {
    return live.alarms();
  }

  @Override
  public LeaseKeys leaseKeys(long id) {
    return use(
        state -> {
          try (var source = DbSource.snapshot(state.database())) {
            return source.leaseWithKeys(id);
          }
        });
  }

  @Override
  public ChangesRead changes(long from, long maxBytes, Consumer<Change> visitor) {
    return use(
        state -> {
          try (var source = DbSource.snapshot(state.database())) {
            return source.changes(from, maxBytes, visitor);
          }
        });
  }

  @Override
  public KeyValue previous(Change change) {
    return use(
        state -> {
          // Read before it is looked whether it may be told: rows go only after that changed.
          var event = state.event(change.previousMod(), change.previousSub());
          return event == null || change.revision() - 1 < state.meta().compact()
              ? null
              : event.version().toKeyValue(event.key());
        });
  }

  @Override
  public void flush() {
    use(
        state -> {
          state.database().flush();
          return null;
        });
  }

  @Override
  public boolean hasHousekeeping() {
    return live.hasHousekeeping();
  }

  @Override
  public boolean housekeep() {
    boolean worked = use(Live::housekeep);
    removals.removed(physicallyCompacted());
    return worked;
  }

  @Override
  public void whenRemoved(long compaction, Consumer<Boolean> then) {
    removals.when(compaction, this::physicallyCompacted, then);
  }

  /**
   * Rewrites the files without what was removed; may take long, and needs room for the new files
   * beside the old ones.
   *
   * @return false if the store was closed or replaced before it was done
   * @throws NoSpaceException when the disk is full
   */
  public boolean reclaim() {
    return use(state -> state.database().reclaim());
  }

  /** Files, and what is in memory still on its way into one. */
  @Override
  public long sizeOnDisk() {
    return use(
        state ->
            state.database().property("rocksdb.total-sst-files-size")
                + state.database().property("rocksdb.cur-size-all-mem-tables"));
  }

  @Override
  public long sizeInUse() {
    return use(
        state ->
            Math.min(
                    state.database().property("rocksdb.total-sst-files-size"),
                    state.database().property("rocksdb.estimate-live-data-size"))
                + state.database().property("rocksdb.cur-size-all-mem-tables"));
  }

  @Override
  public Snapshot checkpoint() {
    var path = directory.fresh();
    try {
      use(
          state -> {
            try (var checkpoint = Checkpoint.create(state.database().db())) {
              checkpoint.createCheckpoint(path);
              return null;
            } catch (RocksDBException e) {
              throw Database.failure(e);
            }
          });
      return new Snapshot(snapshotMeta(metaOf(path)), path);
    } catch (RuntimeException e) {
      directory.discard(path);
      throw e;
    }
  }

  private Meta metaOf(String path) {
    try (var options = new Options().setEnv(directory.env());
        var db = RocksDB.openReadOnly(options, path)) {
      return Meta.decode(db.get(Meta.ROW));
    } catch (RocksDBException e) {
      throw new StoreException(e);
    }
  }

  private static SnapshotMeta snapshotMeta(Meta meta) {
    return new SnapshotMeta(
        meta.applied().index(), meta.applied().term(), meta.cluster().membership());
  }

  @Override
  public void discard(Snapshot snapshot) {
    directory.discard(snapshot.path());
  }

  @Override
  public SnapshotExport export(long savedAt, String writer) {
    exporting.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the store is closed");
      }
      var snapshot = checkpoint();
      try {
        var path = Path.of(snapshot.path());
        var header = SnapshotHeaders.of(path, savedAt, writer);
        var export = new SnapshotExport(header, path, exports::remove, () -> discard(snapshot));
        exports.add(export);
        return export;
      } catch (RuntimeException e) {
        discard(snapshot);
        throw e;
      }
    } finally {
      exporting.readLock().unlock();
    }
  }

  @Override
  public void install(Snapshot snapshot) {
    var next = openSnapshot(snapshot);
    var old = live;
    try {
      directory.adopt(snapshot.path());
    } catch (UncheckedIOException e) {
      next.close();
      throw new BadSnapshotException("the snapshot cannot be made the live database", e);
    }
    live = next;
    changeListener.changed(null, next.meta().revision());
    leaseListener.replaced();
    removals.removed(physicallyCompacted());
    old.close();
    try {
      directory.discard(old.database().path());
    } catch (UncheckedIOException e) {
      // What is left of it is deleted at the next start; the install is done.
      return;
    }
  }

  private Live openSnapshot(Snapshot snapshot) {
    Live opened;
    try {
      opened =
          new Live(Database.open(directory.env(), snapshot.path(), config, false), config, meter);
    } catch (RocksDBException | RuntimeException e) {
      throw new BadSnapshotException("the snapshot's files cannot be opened", e);
    }
    var found = snapshotMeta(opened.meta());
    if (!found.equals(snapshot.meta())) {
      opened.close();
      throw new BadSnapshotException(
          "the snapshot is of " + found + ", not " + snapshot.meta(), null);
    }
    return opened;
  }

  /**
   * What the database failed with, in whichever thread: a reader that met a damaged file gets no
   * answer, but the node must not go on with such a store either.
   */
  public Optional<StoreException> failure() {
    return Optional.ofNullable(failure);
  }

  /** Works on the state of now, which stays open meanwhile. */
  private <T> T use(Function<Live, T> work) {
    while (true) {
      var state = live;
      if (state.database().acquire()) {
        try {
          return work.apply(state);
        } catch (StoreException e) {
          failure = e;
          throw e;
        } finally {
          state.database().release();
        }
      }
      if (closed) {
        throw new IllegalStateException("the store is closed");
      }
      Thread.onSpinWait();
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      live.close();
      removals.close();
      // Whoever opens the directory next may use the names of these copies anew.
      exporting.writeLock().lock();
      try {
        List.copyOf(exports).forEach(SnapshotExport::abandon);
      } finally {
        exporting.writeLock().unlock();
      }
    }
  }
}
