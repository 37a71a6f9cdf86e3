package dev.kelvin.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.raft.Entry;
import dev.kelvin.raft.EntryKind;
import dev.kelvin.raft.HardState;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Logs of small segments, and what goes into them. */
final class SmallLog {
  static final LogConfig CONFIG = new LogConfig(4096, 1000, 2, () -> 42);

  private SmallLog() {}

  /** An empty log. */
  static DurableLog fresh(Disk disk) {
    return DurableLog.create(disk, CONFIG, new HardState(1, 1, 0), 0, 0);
  }

  static DurableLog open(Disk disk) {
    return DurableLog.open(disk, CONFIG);
  }

  /** Entries of {@code size} bytes each, the same for the same index and term. */
  static List<Entry> run(long from, int count, long term, int size) {
    List<Entry> out = new ArrayList<>();
    for (long i = from; i < from + count; i++) {
      byte[] data = new byte[size];
      new SplittableRandom(i * 1000 + term).nextBytes(data);
      out.add(new Entry(i, term, EntryKind.COMMAND, data));
    }
    return out;
  }

  static List<Entry> all(DurableLog log) {
    return log.entries(log.firstIndex(), log.lastIndex() + 1, Long.MAX_VALUE);
  }

  static void same(List<Entry> expected, List<Entry> found) {
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i).index(), found.get(i).index());
      assertEquals(expected.get(i).term(), found.get(i).term());
      assertArrayEquals(expected.get(i).data(), found.get(i).data());
    }
  }
}
