package dev.kelvin.log;

import dev.kelvin.raft.Entry;
import dev.kelvin.raft.HardState;
import java.util.ArrayList;
import java.util.List;

/**
 * Which segments an append is going to begin. Worked out beforehand, so that a full disk is met
 * before anything is done; it must foresee each one that {@link DurableLog#append} then begins.
 */
final class SegmentPlan {
  private SegmentPlan() {}

  /**
   * Sizes of the records that will each begin a segment.
   *
   * @param hs null when unchanged
   * @param active where the log writes now, at {@code position}
   * @param last index of the log's last entry
   */
  static List<Integer> beginnings(
      SegmentFiles files,
      Segment active,
      long position,
      long last,
      HardState hs,
      List<Entry> entries) {
    long bytes = 2L * RecordFormat.size(8);
    for (Entry e : entries) {
      bytes += RecordFormat.size(e.data().length);
    }
    long base = active.header.baseIndex();
    long first = entries.isEmpty() ? Long.MAX_VALUE : entries.getFirst().index();
    if (position + bytes <= active.fileSize && first > base) {
      return List.of();
    }
    List<Integer> sizes = new ArrayList<>();
    List<Integer> begin = new ArrayList<>();
    if (hs != null) {
      sizes.add(RecordFormat.size(8));
    }
    int firstEntry = sizes.size();
    entries.forEach(e -> sizes.add(RecordFormat.size(e.data().length)));
    if (hs != null) {
      sizes.add(RecordFormat.size(8));
    }
    long left = active.fileSize - position;
    for (int i = 0; i < sizes.size(); i++) {
      if (i == firstEntry && first <= base) {
        begin.add(0);
        left = files.segmentSize(0) - SegmentHeader.SIZE;
      }
      int size = sizes.get(i);
      if (size > left) {
        begin.add(size);
        base = i < firstEntry ? last : base;
        left = files.segmentSize(size) - SegmentHeader.SIZE;
      }
      left -= size;
    }
    return begin;
  }
}
