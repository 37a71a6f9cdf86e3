package dev.kelvin.store;

import java.nio.ByteBuffer;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.Slice;

/**
 * Removes what compaction has made unreachable, in small pieces. Walks the events of the newly
 * compacted span only: each names the version it superseded, so the cost is that of what is
 * removed. A tombstone goes with its own turn, but one at the compacted revision itself stays until
 * the next compaction, since a watch may start there.
 *
 * <p>Its progress is a row of its own, written with the removals. Nothing here touches a row that
 * an apply writes. One thread at a time.
 */
final class Housekeeping {
  private static final byte[] ROW = Rows.meta("physical");

  private final Database database;
  private final int events;
  private final StoreMeter meter;

  /** Compaction whose span is finished. */
  private volatile long done;

  /** Compaction under way; equals {@link #done} between two. */
  private long target;

  private long nextMod;
  private int nextSub;

  /**
   * @param events most events that one piece walks
   */
  Housekeeping(Database database, int events, StoreMeter meter) {
    this.database = database;
    this.events = events;
    this.meter = meter;
    var row = database.get(ROW);
    if (row != null) {
      var bytes = ByteBuffer.wrap(row);
      done = bytes.getLong();
      target = bytes.getLong();
      nextMod = bytes.getLong();
      nextSub = bytes.getInt();
    }
  }

  long done() {
    return done;
  }

  /** One piece towards a compaction that is visible to readers already. */
  void piece(long compact) {
    if (target == done) {
      target = compact;
      nextMod = done;
      nextSub = 0;
    }
    boolean finished = false;
    long mod = nextMod;
    int sub = nextSub;
    var batch = new RowBatch(database.events().getID());
    try (var end = new Slice(Rows.event(target + 1, 0));
        var options = new ReadOptions().setIterateUpperBound(end).setFillCache(false);
        var iterator = database.db().newIterator(database.events(), options)) {
      iterator.seek(Rows.event(nextMod, nextSub));
      for (int i = 0; i < events && iterator.isValid(); i++, iterator.next()) {
        var row = iterator.key();
        remove(batch, Rows.event(row, iterator.value()));
        mod = Rows.eventMod(row);
        sub = Rows.eventSub(row) + 1;
      }
      iterator.status();
      finished = !iterator.isValid();
      long reached = finished ? target : done;
      batch.put(
          ROW,
          ByteBuffer.allocate(28)
              .putLong(reached)
              .putLong(target)
              .putLong(mod)
              .putInt(sub)
              .array());
      database.write(batch);
    } catch (RocksDBException e) {
      throw new StoreException(e);
    }
    // Only now: a write that found no space is repeated from where the last one ended.
    nextMod = mod;
    nextSub = sub;
    if (finished) {
      done = target;
    }
  }

  private void remove(RowBatch batch, Rows.Event event) {
    var prefix = Rows.historyPrefix(event.key());
    var version = event.version();
    if (event.previousMod() != 0) {
      meter.removedVersion();
      batch.delete(Rows.history(prefix, event.previousMod(), event.previousSub()));
      batch.deleteEvent(Rows.event(event.previousMod(), event.previousSub()));
    }
    if (version.deleted() && version.mod() < target) {
      meter.removedVersion();
      batch.delete(Rows.history(prefix, version.mod(), version.sub()));
      batch.deleteEvent(Rows.event(version.mod(), version.sub()));
    }
  }
}
