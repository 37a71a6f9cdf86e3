package dev.kelvin.store;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * The state as of a point inside an apply batch: what the database holds, and over it what the
 * batch has done so far, which is on its way into one write.
 */
final class Pending extends View implements AutoCloseable {
  private static final Comparator<byte[]> BYTES = Arrays::compareUnsigned;

  /** What the batch did to a key: a version and its event, or null twice for a deletion. */
  record Written(Version version, EventRow event) {}

  private final WriteBatch batch = new WriteBatch();
  private final VersionCache cache;

  /** By key; a null version is a deletion. */
  final TreeMap<byte[], Written> written = new TreeMap<>(BYTES);

  /** Events of this batch, by revision and sub: not in the database yet. */
  private final Map<At, EventRow> events = new HashMap<>();

  private record At(long revision, int sub) {}

  Pending(Database database, VersionCache cache) {
    super(database, database.read);
    this.cache = cache;
  }

  @Override
  Version newest(byte[] key) {
    var here = written.get(key);
    if (here != null) {
      return here.version;
    }
    var cached = cache.get(key);
    if (cached != null) {
      return cached.version();
    }
    return super.newest(key);
  }

  @Override
  EventRow event(long revision, int sub) {
    var here = events.get(new At(revision, sub));
    return here != null ? here : super.event(revision, sub);
  }

  @Override
  void newest(KeyRange range, Visitor visitor) {
    if (range.isEmpty()) {
      return;
    }
    var changed =
        range.end() == null
            ? written.tailMap(range.from(), true)
            : written.subMap(range.from(), true, range.end(), false);
    if (changed.isEmpty()) {
      super.newest(range, visitor);
      return;
    }
    var merge = new Merge(changed, visitor);
    super.newest(range, merge::fromDatabase);
    merge.rest();
  }

  /** Two orderly sources made one; what the batch did hides what the database has. */
  private static final class Merge {
    private final java.util.Iterator<Map.Entry<byte[], Written>> changes;
    private final Visitor visitor;
    private Map.Entry<byte[], Written> next;
    private boolean stopped;

    Merge(Map<byte[], Written> changed, Visitor visitor) {
      this.changes = changed.entrySet().iterator();
      this.visitor = visitor;
      advance();
    }

    private void advance() {
      next = changes.hasNext() ? changes.next() : null;
    }

    private void emit() {
      var version = next.getValue().version;
      if (version != null && !visitor.visit(next.getKey(), version)) {
        stopped = true;
      }
      advance();
    }

    boolean fromDatabase(byte[] key, Version version) {
      while (!stopped && next != null && BYTES.compare(next.getKey(), key) < 0) {
        emit();
      }
      if (stopped) {
        return false;
      }
      if (next != null && BYTES.compare(next.getKey(), key) == 0) {
        emit();
      } else if (!visitor.visit(key, version)) {
        stopped = true;
      }
      return !stopped;
    }

    void rest() {
      while (!stopped && next != null) {
        emit();
      }
    }
  }

  void put(byte[] key, ByteString value, long lease, Version before, long revision, int sub) {
    var now =
        before == null
            ? new Version(revision, sub, revision, 1, lease)
            : new Version(revision, sub, before.create(), before.version() + 1, lease);
    var event = EventRow.put(key, value, now, before);
    row(Rows.newest(key), now.encode());
    row(Rows.history(key, revision, sub), now.encodeHistory());
    row(Rows.event(revision, sub), event);
    var row = new EventRow(event);
    events.put(new At(revision, sub), row);
    written.put(key, new Written(now, row));
  }

  void delete(byte[] key, Version before, long revision, int sub) {
    var event = EventRow.delete(key, before);
    try {
      batch.delete(Rows.newest(key));
    } catch (RocksDBException e) {
      throw failed(e);
    }
    row(Rows.history(key, revision, sub), Version.TOMBSTONE);
    row(Rows.event(revision, sub), event);
    events.put(new At(revision, sub), new EventRow(event));
    written.put(key, new Written(null, null));
  }

  void row(byte[] key, byte[] value) {
    try {
      batch.put(key, value);
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }

  /** Writes all of it, as one. */
  void commit() {
    try {
      database.db.write(database.write, batch);
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }

  /** Lets readers find what was written, in memory. */
  void publish() {
    for (var entry : written.entrySet()) {
      var now = entry.getValue();
      cache.put(
          entry.getKey(),
          now.version == null
              ? VersionCache.Cached.ABSENT
              : new VersionCache.Cached(now.version, now.event.keyValue(now.version.mod())));
    }
  }

  void clear() {
    batch.clear();
    written.clear();
    events.clear();
  }

  @Override
  public void close() {
    batch.close();
  }
}
