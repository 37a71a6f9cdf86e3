package dev.kelvin.log;

import dev.kelvin.raft.HardState;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads one segment at open: replays its records, decides what the torn tail is, erases it. */
final class Recovery {
  private static final int WINDOW = 1 << 20;
  private final RecordFormat format = new RecordFormat();
  private final LogIndex index;
  HardState hardState;
  private ByteBuffer window = ByteBuffer.allocate(0);
  private long windowStart;
  private Segment segment;

  Recovery(LogIndex index) {
    this.index = index;
  }

  /**
   * Replays a segment into the index.
   *
   * @param end where its records end, known from the next segment; -1 for the newest segment
   * @return where the records end
   */
  long replay(Segment s, long end) throws IOException {
    segment = s;
    window = ByteBuffer.allocate((int) Math.min(WINDOW, s.fileSize));
    window.limit(0);
    hardState = s.header.hardState();
    long seed = s.header.seed();
    long limit = end < 0 ? s.fileSize : end;
    if (limit > s.fileSize) {
      throw new CorruptLogException(s.name(), s.fileSize, "file is cut short, had " + end);
    }
    long position = SegmentHeader.SIZE;
    while (position < limit) {
      int size = recordAt(position, seed, limit);
      if (size == 0) {
        break;
      }
      accept((int) (position - windowStart), position);
      position += size;
    }
    if (end >= 0 && position != end) {
      throw damaged(position, "the next segment");
    }
    if (end < 0) {
      refuseIfSynced(position);
    }
    return position;
  }

  private void accept(int at, long position) {
    if (RecordFormat.kind(window, at) == RecordFormat.HARD_STATE) {
      hardState = RecordFormat.hardState(window, at);
      return;
    }
    long i = RecordFormat.index(window, at);
    if (i <= segment.header.baseIndex() || i > index.last() + 1) {
      throw new CorruptLogException(
          segment.name(), position, "entry " + i + " cannot follow entry " + index.last());
    }
    int length = RecordFormat.length(window, at);
    index.add(i, window.getLong(at + 16), Segment.slot(position, length), null);
  }

  /** Size of the whole, valid record at a position, 0 if there is none. */
  private int recordAt(long position, long seed, long limit) throws IOException {
    if (limit - position < RecordFormat.HEADER) {
      return 0;
    }
    load(position, RecordFormat.HEADER);
    int at = (int) (position - windowStart);
    if (!format.headerValid(window, at, seed, position)) {
      return 0;
    }
    int size = RecordFormat.size(RecordFormat.length(window, at));
    if (size > limit - position) {
      return 0;
    }
    load(position, size);
    return format.dataValid(window, (int) (position - windowStart)) ? size : 0;
  }

  /** A header beyond a bad record tells whether that record had been synced. */
  private void refuseIfSynced(long bad) throws IOException {
    long seed = segment.header.seed();
    for (long p = bad; p + RecordFormat.HEADER <= segment.fileSize; p += 8) {
      load(p, RecordFormat.HEADER);
      int at = (int) (p - windowStart);
      if (format.headerValid(window, at, seed, p) && RecordFormat.synced(window, at) > bad) {
        throw damaged(bad, "the record at offset " + p);
      }
    }
  }

  private CorruptLogException damaged(long position, String witness) {
    return new CorruptLogException(
        segment.name(),
        position,
        "a record that had been synced is damaged ("
            + witness
            + " proves it); entries from index "
            + (index.last() + 1)
            + " on are not readable");
  }

  /** Overwrites all behind the end with zeros, so that nothing there can pass for a record. */
  void erase(Segment s, long from) throws IOException {
    segment = s;
    ByteBuffer zeros = ByteBuffer.allocate(1 << 16);
    for (long p = from; p < s.fileSize; p += zeros.capacity()) {
      int size = (int) Math.min(zeros.capacity(), s.fileSize - p);
      load(p, size);
      int at = (int) (p - windowStart);
      if (window.slice(at, size).mismatch(zeros.slice(0, size)) >= 0) {
        s.file.write(zeros.slice(0, size), p);
      }
    }
  }

  private void load(long position, int size) throws IOException {
    if (position >= windowStart && position + size <= windowStart + window.limit()) {
      return;
    }
    if (window.capacity() < size) {
      window = ByteBuffer.allocate(size);
    }
    window.clear();
    window.limit((int) Math.min(window.capacity(), segment.fileSize - position));
    windowStart = position;
    int read = segment.file.read(window, position);
    if (read < window.limit()) {
      throw new IOException(segment.name() + ": short read at " + position);
    }
    window.flip();
  }
}
