package dev.kelvin.raft;

import java.util.ArrayList;
import java.util.List;

/** A persisted log in memory, with what a disk would keep over a crash. */
final class MemoryLog implements EntrySource {
  private final ArrayList<Entry> entries = new ArrayList<>();
  private long baseIndex;
  private long baseTerm;
  HardState hardState = HardState.EMPTY;

  void write(Effects.Persist persist) {
    if (persist.hardState() != null) {
      hardState = persist.hardState();
    }
    if (!persist.entries().isEmpty()) {
      long first = persist.entries().getFirst().index();
      if (first > lastIndex() + 1 || first <= baseIndex) {
        throw new IllegalStateException(
            "write at " + first + " into " + firstIndex() + ".." + lastIndex());
      }
      entries.subList((int) (first - firstIndex()), entries.size()).clear();
      entries.addAll(persist.entries());
    }
  }

  /** Drops entries up to {@code index}. */
  void compact(long index) {
    long term = term(index);
    entries.subList(0, (int) (index - baseIndex)).clear();
    baseIndex = index;
    baseTerm = term;
  }

  /** Replaces everything by the base that a snapshot left. */
  void reset(long index, long term) {
    entries.clear();
    baseIndex = index;
    baseTerm = term;
  }

  @Override
  public long firstIndex() {
    return baseIndex + 1;
  }

  @Override
  public long lastIndex() {
    return baseIndex + entries.size();
  }

  @Override
  public long term(long index) {
    if (index == baseIndex) {
      return baseTerm;
    }
    if (index < baseIndex) {
      throw new CompactedException(index, firstIndex());
    }
    return entries.get((int) (index - firstIndex())).term();
  }

  @Override
  public List<Entry> entries(long from, long to, long maxBytes) {
    if (from < firstIndex()) {
      throw new CompactedException(from, firstIndex());
    }
    var found = new ArrayList<Entry>();
    long bytes = 0;
    for (long i = from; i < to; i++) {
      Entry entry = entries.get((int) (i - firstIndex()));
      bytes += entry.size();
      if (!found.isEmpty() && bytes > maxBytes) {
        break;
      }
      found.add(entry);
    }
    return found;
  }
}
