package dev.kelvin.log;

import java.util.Arrays;

/** An open segment file and where in it the live entries are. Guarded by {@link LogIndex}. */
final class Segment {
  static final String SUFFIX = ".seg";

  final SegmentHeader header;
  final Disk.File file;
  final long fileSize;
  private long[] slots = new long[16];
  private int count;

  Segment(SegmentHeader header, Disk.File file, long fileSize) {
    this.header = header;
    this.file = file;
    this.fileSize = fileSize;
  }

  static String name(long number) {
    return String.format("%016x%s", number, SUFFIX);
  }

  String name() {
    return name(header.number());
  }

  /** Position and data length in one number: 40 and 24 bits. */
  static long slot(long position, int length) {
    return position << 24 | length;
  }

  static long position(long slot) {
    return slot >>> 24;
  }

  static int length(long slot) {
    return (int) (slot & RecordFormat.MAX_DATA);
  }

  void add(long slot) {
    if (count == slots.length) {
      slots = Arrays.copyOf(slots, count * 2);
    }
    slots[count++] = slot;
  }

  void cutAfter(long index) {
    count = Math.clamp(index - header.baseIndex(), 0, count);
  }

  boolean holds(long index) {
    return index > header.baseIndex() && index <= header.baseIndex() + count;
  }

  long lastIndex() {
    return header.baseIndex() + count;
  }

  long slotOf(long index) {
    return slots[(int) (index - header.baseIndex() - 1)];
  }
}
