package dev.kelvin.store;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.HashKVResponse;
import dev.kelvin.proto.etcdserverpb.HashResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;

/**
 * The rows of a database as a {@link Source}. With a snapshot of RocksDB it is one state and can be
 * used beside a running apply; without, only by the applying thread.
 */
final class DbSource implements Source, AutoCloseable {
  private final Database database;
  private final RocksDB db;
  private final Snapshot snapshot;
  private final ReadOptions options;
  private final Meta meta;

  private DbSource(Database database, Snapshot snapshot, Meta meta) {
    this.database = database;
    db = database.db();
    this.snapshot = snapshot;
    options = new ReadOptions();
    if (snapshot != null) {
      options.setSnapshot(snapshot);
    }
    this.meta = meta == null ? Meta.decode(get(Meta.ROW)) : meta;
  }

  /** The state as of now, whatever is applied later. */
  static DbSource snapshot(Database database) {
    return new DbSource(database, database.db().getSnapshot(), null);
  }

  /** The state as of the last batch, for the thread that writes batches. */
  static DbSource latest(Database database, Meta meta) {
    return new DbSource(database, null, meta);
  }

  @Override
  public long revision() {
    return meta.revision();
  }

  @Override
  public long compact() {
    return meta.compact();
  }

  @Override
  public Version at(ByteString key, long revision) {
    if (revision >= meta.revision()) {
      var row = get(Rows.now(key));
      return row == null ? null : Rows.nowVersion(row);
    }
    var prefix = Rows.historyPrefix(key);
    try (var iterator = db.newIterator(options)) {
      return newest(iterator, prefix, revision);
    }
  }

  @Override
  public Scan scan(ByteString from, ByteString end, long revision) {
    return revision >= meta.revision()
        ? new NowScan(Rows.now(from), end == null ? after(Rows.NOW) : Rows.now(end))
        : new HistoryScan(
            bare(Rows.historyPrefix(from)),
            end == null ? after(Rows.HISTORY) : bare(Rows.historyPrefix(end)),
            revision);
  }

  @Override
  public Version withValue(Version version) {
    if (version.value() != null) {
      return version;
    }
    var row = event(version);
    if (row == null) {
      throw new IllegalStateException(
          "no event for live version " + version.mod() + "." + version.sub());
    }
    return new Version(
        version.mod(),
        version.sub(),
        version.create(),
        version.version(),
        version.lease(),
        Rows.eventPayload(row));
  }

  /**
   * CRC-32C over what can be read at a revision: the versions written after the last compaction and
   * those it left alive. Rows that wait to be removed do not count.
   */
  Outcome hash(long asked) {
    long revision = asked <= 0 ? meta.revision() : asked;
    var refusal = Ranges.refusal(this, revision);
    if (refusal != null) {
      return new Outcome.Failed(refusal);
    }
    var hash = new LogicalHash();
    versions(revision, hash);
    return new Outcome.Done(
        HashKVResponse.newBuilder()
            .setHeader(Applier.header(meta.revision()))
            .setHash(hash.value())
            // -1 before the first compaction, as etcd's.
            .setCompactRevision(meta.compact())
            .setHashRevision(revision)
            .build());
  }

  /** As {@link Reader#hash()}, as of this state. */
  Outcome hash() {
    var hash = new LogicalHash();
    // Without the entry applied last: one that changed nothing tells no states apart.
    hash.add(new Meta(Position.START, meta.revision(), meta.compact(), meta.cluster()).encode());
    versions(meta.revision(), hash);
    leases(
        lease -> {
          hash.add(Rows.lease(lease.id()));
          hash.add(Rows.leaseValue(lease));
        });
    hash.add(Alarms.decode(get(Alarms.ROW)).encode());
    return new Outcome.Done(
        HashResponse.newBuilder()
            .setHeader(Applier.header(meta.revision()))
            .setHash(hash.value())
            .build());
  }

  private void versions(long revision, LogicalHash hash) {
    byte[] current = null;
    Version alive = null;
    try (var bound = new Slice(after(Rows.HISTORY));
        var bounded = new ReadOptions(options).setIterateUpperBound(bound).setFillCache(false);
        var iterator = db.newIterator(bounded)) {
      iterator.seek(new byte[] {Rows.HISTORY});
      for (; iterator.isValid(); iterator.next()) {
        var row = iterator.key();
        var prefix = Rows.historyKeyPrefix(row);
        if (!Arrays.equals(prefix, current)) {
          add(hash, current, alive);
          current = prefix;
          alive = null;
        }
        var version = Rows.historyVersion(row, iterator.value());
        if (version.mod() <= meta.compact()) {
          alive = version;
        } else {
          add(hash, current, alive);
          alive = null;
          if (version.mod() <= revision) {
            hash.add(prefix, version.deleted() ? version : withValue(version));
          }
        }
      }
      add(hash, current, alive);
      check(iterator);
    }
  }

  /** As {@link Reader#changes}, as of this state. */
  Reader.ChangesRead changes(long from, long maxBytes, Consumer<Change> visitor) {
    long compacted = Math.max(0, meta.compact());
    if (from < compacted) {
      return new Reader.ChangesRead(compacted, from - 1, meta.revision());
    }
    long bytes = 0;
    long last = from - 1;
    try (var bounded = new ReadOptions(options).setFillCache(false);
        var iterator = db.newIterator(database.events(), bounded)) {
      iterator.seek(Rows.event(from, 0));
      for (; iterator.isValid(); iterator.next()) {
        var row = iterator.key();
        long mod = Rows.eventMod(row);
        if (mod != last && bytes >= maxBytes) {
          return new Reader.ChangesRead(compacted, last, meta.revision());
        }
        last = mod;
        var value = iterator.value();
        bytes += value.length;
        visitor.accept(Rows.change(Rows.event(row, value)));
      }
      check(iterator);
    }
    return new Reader.ChangesRead(compacted, meta.revision(), meta.revision());
  }

  /** All leases. */
  void leases(Consumer<Lease> visitor) {
    try (var bound = new Slice(after(Rows.LEASE));
        var bounded = new ReadOptions(options).setIterateUpperBound(bound);
        var iterator = db.newIterator(bounded)) {
      iterator.seek(new byte[] {Rows.LEASE});
      for (; iterator.isValid(); iterator.next()) {
        visitor.accept(Rows.lease(iterator.key(), iterator.value()));
      }
      check(iterator);
    }
  }

  /** As {@link Reader#leaseKeys}, as of this state. */
  Reader.LeaseKeys leaseWithKeys(long id) {
    var row = get(Rows.lease(id));
    return row == null
        ? null
        : new Reader.LeaseKeys(Rows.lease(Rows.lease(id), row), leaseKeys(id), meta.revision());
  }

  /** Keys of a lease, in order. */
  List<ByteString> leaseKeys(long id) {
    var keys = new ArrayList<ByteString>();
    var prefix = Rows.attached(id);
    try (var bound = new Slice(after(Rows.ATTACHED));
        var bounded = new ReadOptions(options).setIterateUpperBound(bound);
        var iterator = db.newIterator(bounded)) {
      iterator.seek(prefix);
      for (; iterator.isValid(); iterator.next()) {
        var row = iterator.key();
        if (!Arrays.equals(row, 0, prefix.length, prefix, 0, prefix.length)) {
          break;
        }
        keys.add(Rows.attachedKey(row));
      }
      check(iterator);
    }
    return keys;
  }

  private void add(LogicalHash hash, byte[] prefix, Version alive) {
    if (alive != null && !alive.deleted()) {
      hash.add(prefix, withValue(alive));
    }
  }

  @Override
  public void close() {
    options.close();
    if (snapshot != null) {
      db.releaseSnapshot(snapshot);
    }
  }

  private byte[] get(byte[] row) {
    try {
      return db.get(options, row);
    } catch (RocksDBException e) {
      throw new StoreException(e);
    }
  }

  private byte[] event(Version version) {
    try {
      return db.get(database.events(), options, Rows.event(version.mod(), version.sub()));
    } catch (RocksDBException e) {
      throw new StoreException(e);
    }
  }

  private static byte[] after(byte table) {
    return new byte[] {(byte) (table + 1)};
  }

  /** Without the terminator: a bound that lies before all rows of the key and those it prefixes. */
  private static byte[] bare(byte[] prefix) {
    return Arrays.copyOf(prefix, prefix.length - 2);
  }

  /** Newest version of a key not after a revision; null if none or deleted. */
  private static Version newest(RocksIterator iterator, byte[] prefix, long revision) {
    iterator.seekForPrev(Rows.history(prefix, revision, Integer.MAX_VALUE));
    if (!iterator.isValid()) {
      check(iterator);
      return null;
    }
    var row = iterator.key();
    if (row.length != prefix.length + Rows.POSITION
        || !Arrays.equals(row, 0, prefix.length, prefix, 0, prefix.length)) {
      return null;
    }
    var version = Rows.historyVersion(row, iterator.value());
    return version.deleted() ? null : version;
  }

  private static void check(RocksIterator iterator) {
    try {
      iterator.status();
    } catch (RocksDBException e) {
      throw new StoreException(e);
    }
  }

  private abstract class TableScan implements Scan {
    private final Slice bound;
    private final ReadOptions bounded;
    final RocksIterator iterator;

    TableScan(byte[] end) {
      bound = new Slice(end);
      bounded = new ReadOptions(options).setIterateUpperBound(bound);
      iterator = db.newIterator(bounded);
    }

    @Override
    public final void close() {
      iterator.close();
      bounded.close();
      bound.close();
    }
  }

  private final class NowScan extends TableScan {
    private byte[] from;

    NowScan(byte[] from, byte[] end) {
      super(end);
      this.from = from;
    }

    @Override
    public boolean next() {
      if (from != null) {
        iterator.seek(from);
        from = null;
      } else {
        iterator.next();
      }
      if (!iterator.isValid()) {
        check(iterator);
        return false;
      }
      return true;
    }

    @Override
    public ByteString key() {
      return Rows.nowKey(iterator.key());
    }

    @Override
    public Version version() {
      return Rows.nowVersion(iterator.value());
    }
  }

  /** Seeks twice per key, so that neither many old nor many new versions slow it down. */
  private final class HistoryScan extends TableScan {
    private final long revision;
    private byte[] from;
    private ByteString key;
    private Version version;

    HistoryScan(byte[] from, byte[] end, long revision) {
      super(end);
      this.from = from;
      this.revision = revision;
    }

    @Override
    public boolean next() {
      while (true) {
        iterator.seek(from);
        if (!iterator.isValid()) {
          check(iterator);
          return false;
        }
        var row = iterator.key();
        var prefix = Rows.historyKeyPrefix(row);
        key = Rows.historyKey(row);
        version = newest(iterator, prefix, revision);
        from = Rows.history(prefix, Long.MAX_VALUE, Integer.MAX_VALUE);
        if (version != null) {
          return true;
        }
      }
    }

    @Override
    public ByteString key() {
      return key;
    }

    @Override
    public Version version() {
      return version;
    }
  }
}
