package dev.kelvin.replica;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * What became of snapshots, until the core is to hear of it: at once of success; of a failure only
 * after a while, longer with each in a row, because the core then asks for another snapshot, and
 * that costs a flush and, where it fails again, brings nothing.
 */
final class SentSnapshots {
  /** In ticks of 10 ms. */
  private static final long FIRST_WAIT = 20;

  private static final long MAX_WAIT = 3000;

  private record Waiting(Control.SnapshotSent sent, long due) {}

  private final Map<Long, Waiting> waiting = new HashMap<>();

  /** By member, the wait after its last failure. */
  private final Map<Long, Long> waits = new HashMap<>();

  void add(Control.SnapshotSent sent, long now) {
    if (sent.success()) {
      waits.remove(sent.to());
      waiting.put(sent.to(), new Waiting(sent, now));
    } else {
      long wait = waits.merge(sent.to(), FIRST_WAIT, (last, first) -> Math.min(2 * last, MAX_WAIT));
      waiting.put(sent.to(), new Waiting(sent, now + wait));
    }
  }

  /** One that is due, which is then forgotten; or null. */
  Control.SnapshotSent poll(long now) {
    for (Iterator<Waiting> i = waiting.values().iterator(); i.hasNext(); ) {
      var next = i.next();
      if (next.due <= now) {
        i.remove();
        return next.sent;
      }
    }
    return null;
  }
}
