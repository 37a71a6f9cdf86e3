package dev.kelvin.checker;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Counts of writes as a bound for a search: a key seen as of revision m with create revision c and
 * version v lived from c to m, and was written v times then. So at any revision between, its
 * version can be neither too high already nor too low to get there; and what was found absent must
 * have been deleted before.
 */
final class Lifetimes {
  private static final int NO_NEED = Integer.MAX_VALUE;

  private record Seen(long create, long mod, long version) {}

  private final Keys keys;
  private final int last;
  private final Map<String, Seen[]> next = new HashMap<>();
  private final Map<String, int[]> nextAbsence = new HashMap<>();
  private final Map<String, int[]> certainUpTo = new HashMap<>();
  private final Map<String, int[]> possibleUpTo = new HashMap<>();
  private final Map<String, int[]> deletesUpTo = new HashMap<>();

  /**
   * @param made the answered write that made a revision; null where it is not known
   * @param candidates what else may have made it
   */
  Lifetimes(
      Keys keys,
      int last,
      Evidence evidence,
      IntFunction<Request> made,
      IntFunction<List<Request>> candidates) {
    this.keys = keys;
    this.last = last;
    for (var kv : evidence.seen()) {
      var until = next.computeIfAbsent(kv.key(), k -> new Seen[last + 1]);
      var sighting = new Seen(kv.create(), kv.mod(), kv.version());
      for (int r = (int) kv.create(); r < Math.min(kv.mod(), last + 1); r++) {
        if (until[r] == null || until[r].mod > kv.mod()) {
          until[r] = sighting;
        }
      }
    }
    for (var key : next.keySet()) {
      nextAbsence.put(key, absences(evidence.absent(key)));
    }
    count(made, candidates);
  }

  /** For each revision the first one from there on at which the key was absent; 0 for none. */
  private int[] absences(BitSet absent) {
    var next = new int[last + 1];
    for (int r = 0; r <= last; r++) {
      int found = absent.nextSetBit(r);
      next[r] = found < 0 || found > last ? 0 : found;
    }
    return next;
  }

  private void count(IntFunction<Request> made, IntFunction<List<Request>> candidates) {
    var certain = new HashMap<String, BitSet>();
    var possible = new HashMap<String, BitSet>();
    var deletes = new HashMap<String, BitSet>();
    for (int r = 2; r <= last; r++) {
      var write = made.apply(r);
      if (write instanceof Request.Put put) {
        certain.computeIfAbsent(put.key(), k -> new BitSet()).set(r);
      }
      var requests = write == null ? candidates.apply(r) : List.of(write);
      long put = Keys.NONE;
      long deleted = Keys.NONE;
      for (var request : requests) {
        put |= keys.putBy(request);
        deleted |= keys.deletedBy(request);
      }
      for (var key : next.keySet()) {
        if ((keys.of(key) & put) != Keys.NONE) {
          possible.computeIfAbsent(key, k -> new BitSet()).set(r);
        }
        if ((keys.of(key) & deleted) != Keys.NONE) {
          deletes.computeIfAbsent(key, k -> new BitSet()).set(r);
        }
      }
    }
    for (var key : next.keySet()) {
      certainUpTo.put(key, sums(certain.get(key)));
      possibleUpTo.put(key, sums(possible.get(key)));
      deletesUpTo.put(key, sums(deletes.get(key)));
    }
  }

  private int[] sums(BitSet set) {
    var sums = new int[last + 1];
    for (int r = 1; r <= last; r++) {
      sums[r] = sums[r - 1] + (set != null && set.get(r) ? 1 : 0);
    }
    return sums;
  }

  /** Keys that can no longer become what was seen of them. */
  long hopeless(KeySpace state) {
    long hopeless = Keys.NONE;
    for (var key : next.keySet()) {
      if (slack(state, key) < 0) {
        hopeless |= keys.of(key);
      }
    }
    return hopeless;
  }

  /**
   * How many of the revisions to come that may write a key it can do without, to become what was
   * seen of it next; large when it can do without all of them, negative when it never can.
   */
  int slack(KeySpace state, String key) {
    var sightings = next.get(key);
    if (sightings == null) {
      return NO_NEED;
    }
    int r = Math.toIntExact(state.revision());
    var kv = state.get(key);
    var possible = possibleUpTo.get(key);
    var ahead = sightings[r];
    if (ahead == null) {
      // Whatever lives now must be deleted before the key is found absent.
      int absent = nextAbsence.get(key)[r];
      var deletes = deletesUpTo.get(key);
      return kv == null || absent == 0 ? NO_NEED : deletes[absent] - deletes[r] - 1;
    }
    var certain = certainUpTo.get(key);
    int mod = (int) Math.min(ahead.mod, last);
    // The write at mod itself is among the possible ones, and beyond the certain ones counted.
    if (kv == null
        || kv.create() != ahead.create
        || kv.version() + 1 + certain[mod - 1] - certain[r] > ahead.version) {
      return -1;
    }
    return (int) (kv.version() + possible[mod] - possible[r] - ahead.version);
  }
}
