package dev.kelvin.store;

import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/** The store's rows as one read sees them: through a snapshot, or as they are. */
class View {
  /** Takes keys in order; returns whether to go on. */
  interface Visitor {
    boolean visit(byte[] key, Version version);
  }

  final Database database;
  final ReadOptions options;

  View(Database database, ReadOptions options) {
    this.database = database;
    this.options = options;
  }

  byte[] get(byte[] row) {
    try {
      return database.db.get(options, row);
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }

  static IllegalStateException failed(RocksDBException e) {
    return new IllegalStateException("the store's database failed: " + e.getMessage(), e);
  }

  /** Newest version of a key, null when there is none. */
  Version newest(byte[] key) {
    var value = get(Rows.newest(key));
    return value == null ? null : Version.decode(value);
  }

  EventRow event(long revision, int sub) {
    var value = get(Rows.event(revision, sub));
    if (value == null) {
      throw new IllegalStateException("event " + revision + "." + sub + " is not in the store");
    }
    return new EventRow(value);
  }

  void newest(KeyRange range, Visitor visitor) {
    if (range.isEmpty()) {
      return;
    }
    var end = range.end() == null ? new byte[] {Rows.NEWEST + 1} : Rows.newest(range.end());
    scan(
        Rows.newest(range.from()),
        end,
        it -> {
          var row = it.key();
          var key = java.util.Arrays.copyOfRange(row, 1, row.length);
          return visitor.visit(key, Version.decode(it.value()));
        });
  }

  /** Versions as of a revision: two seeks a key, however many versions it has. */
  void asOf(KeyRange range, long revision, Visitor visitor) {
    if (range.isEmpty()) {
      return;
    }
    try (var it = database.db.newIterator(options)) {
      it.seek(Rows.historyFrom(range.from()));
      while (it.isValid() && it.key()[0] == Rows.HISTORY) {
        var key = Rows.historyKey(it.key());
        if (!range.before(key)) {
          break;
        }
        it.seekForPrev(Rows.history(key, revision, Integer.MAX_VALUE));
        if (it.isValid() && it.key()[0] == Rows.HISTORY) {
          var row = it.key();
          if (java.util.Arrays.equals(Rows.historyKey(row), key)) {
            var version = Version.decodeHistory(row, it.value());
            if (version != null && !visitor.visit(key, version)) {
              break;
            }
          }
        }
        it.seek(Rows.historyAfter(key));
      }
      check(it);
    }
  }

  /** Takes rows; returns whether to go on. */
  interface RowVisitor {
    boolean visit(RocksIterator at);
  }

  void scan(byte[] from, byte[] end, RowVisitor visitor) {
    try (var bound = new Slice(end);
        var bounded = new ReadOptions(options).setIterateUpperBound(bound);
        var it = database.db.newIterator(bounded)) {
      for (it.seek(from); it.isValid(); it.next()) {
        if (!visitor.visit(it)) {
          break;
        }
      }
      check(it);
    }
  }

  private static void check(RocksIterator it) {
    try {
      it.status();
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }
}
