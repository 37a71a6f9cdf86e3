package dev.kelvin.raft;

/**
 * AppendRequests to one follower that are not answered yet, limited by number and by bytes. The
 * last one taken may exceed the bytes: a limit below the largest entry must not block for ever.
 */
final class Inflights {
  private final int maxCount;
  private final long maxBytes;
  private long[] indexes = new long[16];
  private long[] sizes = new long[16];
  private int start;
  private int count;
  private long bytes;

  Inflights(int maxCount, long maxBytes) {
    this.maxCount = maxCount;
    this.maxBytes = maxBytes;
  }

  boolean full() {
    return count >= maxCount || (count > 0 && bytes >= maxBytes);
  }

  int count() {
    return count;
  }

  long bytes() {
    return bytes;
  }

  /** Notes a message whose last entry has that index. */
  void add(long lastIndex, long size) {
    if (full()) {
      throw new IllegalStateException("cannot add to a full window");
    }
    if (count == indexes.length) {
      grow();
    }
    int slot = (start + count) % indexes.length;
    indexes[slot] = lastIndex;
    sizes[slot] = size;
    count++;
    bytes += size;
  }

  /** Forgets the messages whose entries are all at or below that index. */
  void freeUpTo(long index) {
    while (count > 0 && indexes[start] <= index) {
      bytes -= sizes[start];
      start = (start + 1) % indexes.length;
      count--;
    }
  }

  void clear() {
    start = 0;
    count = 0;
    bytes = 0;
  }

  private void grow() {
    var newIndexes = new long[indexes.length * 2];
    var newSizes = new long[sizes.length * 2];
    for (int i = 0; i < count; i++) {
      newIndexes[i] = indexes[(start + i) % indexes.length];
      newSizes[i] = sizes[(start + i) % sizes.length];
    }
    indexes = newIndexes;
    sizes = newSizes;
    start = 0;
  }
}
