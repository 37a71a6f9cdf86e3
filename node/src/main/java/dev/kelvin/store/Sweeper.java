package dev.kelvin.store;

import java.util.ArrayList;
import java.util.List;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Gives back the space of what was compacted, a piece at a time: walks the events of the newly
 * compacted span, and removes what each superseded. A deletion's own rows go as well, except at the
 * compacted revision itself, from which one may still watch: they go with the next compaction. It
 * costs what it removes, and changes no answer.
 */
final class Sweeper {
  private static final int EVENTS_A_PIECE = 1000;

  private record Event(long revision, int sub, EventRow row) {}

  private Sweeper() {}

  /**
   * @param from first revision not swept yet
   * @param compacted last compacted revision
   * @return first revision not swept now; {@code compacted} when all is done
   */
  static long sweep(Database database, long from, long compacted) {
    var view = new View(database, database.read);
    List<Event> piece = new ArrayList<>();
    view.scan(
        Rows.event(from, 0),
        Rows.event(compacted + 1, 0),
        it -> {
          long revision = Rows.eventRevision(it.key());
          if (piece.size() >= EVENTS_A_PIECE && revision != piece.getLast().revision) {
            return false;
          }
          piece.add(new Event(revision, Rows.eventSub(it.key()), new EventRow(it.value())));
          return true;
        });
    boolean last = piece.size() < EVENTS_A_PIECE || piece.getLast().revision >= compacted;
    long next = last ? compacted : piece.getLast().revision + 1;
    try (var batch = new WriteBatch()) {
      for (var event : piece) {
        var key = event.row.key();
        if (event.row.supersededRevision() != 0) {
          remove(batch, key, event.row.supersededRevision(), event.row.supersededSub());
        }
        if (event.row.isDelete() && event.revision < compacted) {
          remove(batch, key, event.revision, event.sub);
        }
      }
      batch.put(Rows.SWEPT, Rows.longs(next));
      database.db.write(database.write, batch);
    } catch (RocksDBException e) {
      throw View.failed(e);
    }
    return next;
  }

  private static void remove(WriteBatch batch, byte[] key, long revision, int sub)
      throws RocksDBException {
    batch.delete(Rows.event(revision, sub));
    batch.delete(Rows.history(key, revision, sub));
  }
}
