package dev.kelvin.duty;

import dev.kelvin.store.Lease;
import dev.kelvin.store.LeaseChange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * When the leases of one term of leadership end, by the leader's clock, and when what remains of
 * them is to be noted down. Times are in milliseconds of that clock. A renewal costs a look-up: the
 * queue is put right when the old time comes. Not thread-safe.
 */
final class Deadlines {
  /** Leases that end within one second after a change of leaders; others are put off. */
  static final int ENDS_PER_SECOND = Lessor.REVOKE_RATE * 3 / 4;

  /** The same of leases that are one key's own. */
  static final int OWN_ENDS_PER_SECOND = Lessor.OWN_RATE * 3 / 4;

  static final long NOTE_MILLIS = 5 * 60_000;

  private static final long SECOND = 1000;

  /** One lease. */
  static final class Held {
    final long id;
    final long ttl;
    final boolean own;

    /** As all members know it; 0 for the whole. */
    private long remaining;

    private long deadline;

    /** Counts what set deadlines: within one millisecond it tells which is later. */
    private long turn;

    /** Where it is in the queue; at or before the deadline. */
    private long queued;

    private long noteAt;
    private boolean toNote;

    /** A note is on its way, or was and may have arrived. */
    private boolean noting;

    /** Notes on their way that it has its whole time again. */
    private int resets;

    private boolean expiring;

    private Held(long id, long ttl, boolean own, long remaining) {
      this.id = id;
      this.ttl = ttl;
      this.own = own;
      this.remaining = remaining;
    }

    /** It is being ended and cannot be renewed. */
    boolean expiring() {
      return expiring;
    }

    /** The next leader may give it less than its whole time. */
    boolean noted() {
      return remaining != 0 || noting;
    }

    /** Seconds, as etcd cut to whole ones. */
    long secondsLeft(long now) {
      return Math.max(0, (deadline - now) / SECOND);
    }
  }

  private final Map<Long, Held> held = new HashMap<>();
  private long turns;
  private final TreeSet<Held> sharedByEnd = byEnd();
  private final TreeSet<Held> ownByEnd = byEnd();
  private final TreeSet<Held> byNote =
      new TreeSet<>(
          Comparator.<Held>comparingLong(lease -> lease.noteAt).thenComparingLong(l -> l.id));

  /**
   * Those of a new leader: no lease ends earlier than it would have without the change, and not
   * more of them at once than can be ended.
   *
   * @param extension milliseconds for the time without a leader
   */
  Deadlines(Collection<Lease> leases, long now, long extension) {
    var shared = new ArrayList<Held>();
    var own = new ArrayList<Held>();
    for (var lease : leases) {
      var known = new Held(lease.id(), lease.ttl(), lease.own(), lease.remaining());
      known.deadline = now + extension + lease.due() * SECOND;
      (lease.own() ? own : shared).add(known);
    }
    begin(shared, ENDS_PER_SECOND, now);
    begin(own, OWN_ENDS_PER_SECOND, now);
  }

  private static TreeSet<Held> byEnd() {
    return new TreeSet<>(
        Comparator.<Held>comparingLong(lease -> lease.queued).thenComparingLong(l -> l.id));
  }

  private TreeSet<Held> byEnd(boolean own) {
    return own ? ownByEnd : sharedByEnd;
  }

  private void begin(List<Held> order, int perSecond, long now) {
    order.sort(Comparator.<Held>comparingLong(l -> l.deadline).thenComparingLong(l -> l.id));
    for (int i = perSecond; i < order.size(); i++) {
      var lease = order.get(i);
      long earliest = order.get(i - perSecond).deadline + SECOND;
      lease.deadline = Math.max(lease.deadline, earliest);
    }
    for (var lease : order) {
      held.put(lease.id, lease);
      queue(lease, lease.deadline);
      long due = lease.remaining > 0 ? lease.remaining : lease.ttl;
      noteLater(lease, due, now + NOTE_MILLIS);
    }
  }

  int size() {
    return held.size();
  }

  /** Null if there is no such lease. */
  Held get(long id) {
    return held.get(id);
  }

  /** The order in which leases end, if none is renewed; unknown ones come last. */
  Comparator<Lease> order() {
    return Comparator.<Lease>comparingLong(
            lease -> held.containsKey(lease.id()) ? held.get(lease.id()).deadline : Long.MAX_VALUE)
        .thenComparingLong(
            lease -> held.containsKey(lease.id()) ? held.get(lease.id()).turn : Long.MAX_VALUE)
        .thenComparingLong(Lease::id);
  }

  void changed(LeaseChange change, long now) {
    switch (change) {
      case LeaseChange.Granted(long id, long ttl, boolean own) -> {
        if (!held.containsKey(id)) {
          var lease = new Held(id, ttl, own, 0);
          lease.deadline = now + ttl * SECOND;
          lease.turn = ++turns;
          held.put(id, lease);
          queue(lease, lease.deadline);
          noteLater(lease, ttl, now + NOTE_MILLIS);
        }
      }
      case LeaseChange.Gone(long id) -> {
        var lease = held.remove(id);
        if (lease != null) {
          byEnd(lease.own).remove(lease);
          byNote.remove(lease);
        }
      }
      case LeaseChange.Checkpointed(long id, long remaining) -> {
        var lease = held.get(id);
        if (lease != null) {
          lease.remaining = remaining;
          if (remaining == 0 && !lease.expiring) {
            // An earlier leader's renewal, perhaps.
            renew(lease, now);
          }
        }
      }
    }
  }

  /** Gives a lease its whole time again, or leaves it more. */
  void renew(Held lease, long now) {
    lease.deadline = Math.max(lease.deadline, now + lease.ttl * SECOND);
    lease.turn = ++turns;
    if (!lease.toNote) {
      noteLater(lease, lease.ttl, now + NOTE_MILLIS);
    }
  }

  private void queue(Held lease, long at) {
    lease.queued = at;
    byEnd(lease.own).add(lease);
  }

  private void noteLater(Held lease, long seconds, long at) {
    lease.toNote = seconds * SECOND > NOTE_MILLIS;
    if (lease.toNote) {
      lease.noteAt = at;
      byNote.add(lease);
    }
  }

  /** Whether there may be leases to be ended. */
  boolean anyDue(long now) {
    return anyDue(sharedByEnd, now) || anyDue(ownByEnd, now);
  }

  private static boolean anyDue(TreeSet<Held> byEnd, long now) {
    return !byEnd.isEmpty() && byEnd.first().queued <= now;
  }

  /**
   * Takes leases that are to be ended; they cannot be renewed from now on.
   *
   * @param own of which sort
   */
  List<Held> takeDue(long now, int most, boolean own) {
    var due = new ArrayList<Held>();
    var byEnd = byEnd(own);
    while (due.size() < most && anyDue(byEnd, now)) {
      var lease = byEnd.pollFirst();
      if (lease.deadline > now) {
        queue(lease, lease.deadline);
      } else {
        lease.expiring = true;
        due.add(lease);
      }
    }
    return due;
  }

  /** An attempt to end a lease failed: it is due again at a later time. */
  void again(Held lease, long at) {
    if (held.get(lease.id) == lease) {
      queue(lease, at);
    }
  }

  /** Takes leases whose remaining time is to be noted down now. */
  List<Held> takeNotes(long now, int most) {
    var notes = new ArrayList<Held>();
    while (notes.size() < most && !byNote.isEmpty() && byNote.first().noteAt <= now) {
      var lease = byNote.pollFirst();
      lease.toNote = false;
      if (lease.expiring) {
        continue;
      }
      if (lease.resets > 0) {
        noteLater(lease, lease.ttl, now + SECOND);
      } else if (toNote(lease, now) >= lease.ttl) {
        noteLater(lease, lease.ttl, now + NOTE_MILLIS);
      } else {
        lease.noting = true;
        notes.add(lease);
      }
    }
    return notes;
  }

  /** Seconds to be noted: rather one too many, and never the 0 that means the whole. */
  static long toNote(Held lease, long now) {
    return Math.max(1, (lease.deadline - now + SECOND - 1) / SECOND);
  }

  /** What became of a note from {@link #takeNotes}; one that failed may still have arrived. */
  void noted(Held lease, boolean success, long now) {
    if (held.get(lease.id) == lease) {
      lease.noting = !success;
      long left = success ? toNote(lease, now) : lease.ttl;
      if (!lease.toNote) {
        noteLater(lease, left, now + (success ? NOTE_MILLIS : SECOND));
      }
    }
  }

  /** A note goes out that a lease has its whole time again; none of less goes out meanwhile. */
  void resetBegins(Held lease) {
    lease.resets++;
  }

  /** It came after every other note so far. */
  void resetEnds(Held lease, boolean success) {
    lease.resets--;
    if (success) {
      lease.noting = false;
    }
  }
}
