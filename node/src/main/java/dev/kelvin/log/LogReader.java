package dev.kelvin.log;

import dev.kelvin.raft.CompactedException;
import dev.kelvin.raft.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Reads entries, from memory or from their segments, on any thread beside the writing one. */
final class LogReader {
  private static final int READ_MAX = 4 << 20;

  private final LogIndex index;

  LogReader(LogIndex index) {
    this.index = index;
  }

  /** As {@link DurableLog#entries}. */
  List<Entry> entries(long from, long to, long maxBytes) {
    List<Entry> result = new ArrayList<>();
    long bytes = 0;
    for (long next = from; next < to; next = from + result.size()) {
      // Entries found after the first round are cut by what the first rounds left.
      LogIndex.Found found = index.find(next, to, maxBytes - bytes, result.isEmpty());
      List<Entry> more = found.entries();
      if (more == null) {
        more = readSegment(found.segment(), found.slots(), next);
      }
      if (more.isEmpty()) {
        break;
      }
      result.addAll(more);
      for (Entry e : more) {
        bytes += e.size();
      }
    }
    return result;
  }

  private List<Entry> readSegment(Segment s, long[] slots, long from) {
    List<Entry> result = new ArrayList<>(slots.length);
    RecordFormat check = new RecordFormat();
    try {
      for (int i = 0; i < slots.length; ) {
        long start = Segment.position(slots[i]);
        long end = start;
        int to = i;
        for (; to < slots.length; to++) {
          long next = end(slots[to]);
          if (to > i && next - start > READ_MAX) {
            break;
          }
          end = next;
        }
        ByteBuffer b = ByteBuffer.allocate((int) (end - start));
        s.file.read(b, start);
        b.clear();
        for (; i < to; i++) {
          long p = Segment.position(slots[i]);
          int at = (int) (p - start);
          if (!check.headerValid(b, at, s.header.seed(), p)
              || RecordFormat.index(b, at) != from + i
              || RecordFormat.length(b, at) != Segment.length(slots[i])
              || !check.dataValid(b, at)) {
            refuseIfDropped(from);
            throw new CorruptLogException(s.name(), p, "entry " + (from + i) + " is damaged");
          }
          result.add(RecordFormat.entry(b, at));
        }
      }
      return result;
    } catch (IOException e) {
      // The segment may have been dropped, and its file closed, while it was being read.
      refuseIfDropped(from);
      throw new UncheckedIOException(e);
    }
  }

  private void refuseIfDropped(long from) {
    long first = index.first();
    if (from < first) {
      throw new CompactedException(from, first);
    }
  }

  private static long end(long slot) {
    return Segment.position(slot) + RecordFormat.size(Segment.length(slot));
  }
}
