package dev.kelvin.log;

import dev.kelvin.raft.CompactedException;
import dev.kelvin.raft.Entry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the log knows in memory: where each live entry is, the terms as runs, the newest entries.
 * Every method is short and does no I/O, so its lock is never held over a disk access.
 */
final class LogIndex {
  private final long cacheBytes;
  private final ArrayDeque<Segment> segments = new ArrayDeque<>();
  private long baseIndex;
  private long last;
  // Run i holds from runStart[i] up to the next start; the first run is the base itself.
  private long[] runStart = new long[8];
  private long[] runTerm = new long[8];
  private int runs;
  private Entry[] cache = new Entry[64];
  private long cacheFirst;
  private long cached;

  LogIndex(long cacheBytes) {
    this.cacheBytes = cacheBytes;
  }

  synchronized long first() {
    return baseIndex + 1;
  }

  synchronized long last() {
    return last;
  }

  synchronized long lastTerm() {
    return runTerm[runs - 1];
  }

  synchronized long term(long index) {
    if (index < baseIndex) {
      throw new CompactedException(index, baseIndex + 1);
    }
    if (index > last) {
      throw new IllegalArgumentException("log index " + index + " is beyond the last, " + last);
    }
    int found = Arrays.binarySearch(runStart, 0, runs, index);
    return runTerm[found >= 0 ? found : -found - 2];
  }

  synchronized boolean isEmpty() {
    return segments.isEmpty();
  }

  synchronized Segment active() {
    return segments.getLast();
  }

  synchronized List<Segment> all() {
    return List.copyOf(segments);
  }

  synchronized long bytes() {
    return segments.stream().mapToLong(s -> s.fileSize).sum();
  }

  /** Index below which the log can be cut to leave newest segments of so many bytes at most. */
  synchronized long baseWithin(long bytes) {
    long left = bytes;
    long base = last;
    for (var i = segments.descendingIterator(); i.hasNext(); ) {
      Segment s = i.next();
      left -= s.fileSize;
      if (left < 0 && base < last) {
        break;
      }
      base = Math.min(base, s.header.baseIndex());
      if (left < 0) {
        break;
      }
    }
    return base;
  }

  /** Forgets all and begins with this segment; returns the segments there were. */
  synchronized List<Segment> restart(Segment segment) {
    List<Segment> old = List.copyOf(segments);
    segments.clear();
    segments.add(segment);
    baseIndex = segment.header.baseIndex();
    last = baseIndex;
    runs = 1;
    runStart[0] = baseIndex;
    runTerm[0] = segment.header.baseTerm();
    clearCache();
    return old;
  }

  synchronized void addSegment(Segment segment) {
    cutAfter(segment.header.baseIndex());
    segments.add(segment);
  }

  /** Adds an entry of the active segment in place of those from its index on. */
  synchronized void add(long index, long term, long slot, Entry entryOrNull) {
    if (index <= last) {
      cutAfter(index - 1);
    }
    segments.getLast().add(slot);
    last = index;
    if (runTerm[runs - 1] != term) {
      if (runs == runStart.length) {
        runStart = Arrays.copyOf(runStart, runs * 2);
        runTerm = Arrays.copyOf(runTerm, runs * 2);
      }
      runStart[runs] = index;
      runTerm[runs++] = term;
    }
    if (entryOrNull == null) {
      clearCache();
    } else {
      cache(entryOrNull);
    }
  }

  private void cutAfter(long index) {
    if (index >= last) {
      return;
    }
    for (Segment s : segments) {
      s.cutAfter(index);
    }
    for (long i = Math.max(index + 1, cacheFirst); i <= last; i++) {
      evict(i);
    }
    last = index;
    while (runs > 1 && runStart[runs - 1] > index) {
      runs--;
    }
    if (cacheFirst > last + 1) {
      cacheFirst = last + 1;
    }
  }

  private void cache(Entry entry) {
    if (last - cacheFirst + 1 > cache.length) {
      Entry[] larger = new Entry[cache.length * 2];
      for (long i = cacheFirst; i < last; i++) {
        larger[(int) (i & larger.length - 1)] = cache[(int) (i & cache.length - 1)];
      }
      cache = larger;
    }
    cache[(int) (last & cache.length - 1)] = entry;
    cached += entry.size();
    while (cached > cacheBytes) {
      evict(cacheFirst++);
    }
  }

  private void evict(long index) {
    int at = (int) (index & cache.length - 1);
    cached -= cache[at].size();
    cache[at] = null;
  }

  private void clearCache() {
    if (cached > 0) {
      Arrays.fill(cache, null);
      cached = 0;
    }
    cacheFirst = last + 1;
  }

  /** Takes out the segments that hold nothing above {@code index}. */
  synchronized List<Segment> dropPrefix(long index) {
    List<Segment> order = new ArrayList<>(segments);
    long lowest = Long.MAX_VALUE;
    int keep = 0;
    for (int i = order.size() - 1; i > 0; i--) {
      long base = order.get(i).header.baseIndex();
      // A later segment with a lower base replaced a suffix; the base to restart from must be
      // below.
      if (base <= lowest && base <= index) {
        keep = i;
        break;
      }
      lowest = Math.min(lowest, base);
    }
    if (keep == 0) {
      return List.of();
    }
    long base = order.get(keep).header.baseIndex();
    long baseTerm = term(base);
    int run = 0;
    while (run + 1 < runs && runStart[run + 1] <= base) {
      run++;
    }
    System.arraycopy(runStart, run, runStart, 0, runs - run);
    System.arraycopy(runTerm, run, runTerm, 0, runs - run);
    runs -= run;
    runStart[0] = base;
    runTerm[0] = baseTerm;
    baseIndex = base;
    for (; cacheFirst <= Math.min(base, last); cacheFirst++) {
      evict(cacheFirst);
    }
    for (int i = 0; i < keep; i++) {
      segments.removeFirst();
    }
    return List.copyOf(order.subList(0, keep));
  }

  /** Where entries can be read: in memory, or (segment not null) at slots of one segment. */
  record Found(List<Entry> entries, Segment segment, long[] slots) {}

  synchronized Found find(long from, long to, long maxBytes, boolean force) {
    if (from <= baseIndex) {
      throw new CompactedException(from, baseIndex + 1);
    }
    if (to > last + 1 || from > to) {
      throw new IllegalArgumentException(
          "entries " + from + " to " + to + " asked for, the last is " + last);
    }
    long bytes = 0;
    long end = from;
    if (from >= cacheFirst) {
      List<Entry> found = new ArrayList<>();
      for (; end < to; end++) {
        Entry e = cache[(int) (end & cache.length - 1)];
        bytes += e.size();
        if (bytes > maxBytes && !(force && end == from)) {
          break;
        }
        found.add(e);
      }
      return new Found(found, null, null);
    }
    Segment segment = null;
    for (var i = segments.descendingIterator(); segment == null; ) {
      Segment s = i.next();
      segment = s.holds(from) ? s : null;
    }
    long limit = Math.min(Math.min(to, segment.lastIndex() + 1), cacheFirst);
    for (; end < limit; end++) {
      bytes += Segment.length(segment.slotOf(end)) + Entry.OVERHEAD;
      if (bytes > maxBytes && !(force && end == from)) {
        break;
      }
    }
    long[] slots = new long[(int) (end - from)];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = segment.slotOf(from + i);
    }
    return new Found(null, segment, slots);
  }
}
