package dev.kelvin.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.locks.StampedLock;

/**
 * Current versions of keys, values included, bounded by bytes; also remembers that a key is absent.
 *
 * <p>Entries lie one after another in slabs of bytes that are never given back, so that the cache
 * is nothing to the garbage collector, however often it changes. A full cache takes its oldest slab
 * anew and keeps of it what was read since it was last looked at (second chance). The index is a
 * table of sets with eight places each; where a set is full, one place is taken from an entry.
 *
 * <p>Reads take no lock: they copy optimistically and look afterwards whether a change came
 * between.
 */
final class VersionCache {
  static final int SLAB = 256 << 10;

  /** Entries above this would push too many others out. */
  static final int LARGEST = SLAB / 4;

  // An entry: hash, sizes of key and value, version, key, value; padded to a multiple of eight.
  private static final int KEY_SIZE = 4;
  private static final int VALUE_SIZE = 8;
  private static final int SUB = 12;
  private static final int MOD = 16;
  private static final int CREATE = 24;
  private static final int VERSION = 32;
  private static final int LEASE = 40;
  private static final int HEADER = 48;
  private static final int WAYS = 8;
  private static final int BYTES_PER_PLACE = 128;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());

  private final StampedLock changing = new StampedLock();

  /** Allocated when first used. */
  private final byte[][] slabs;

  private final int[] filled;

  /** Hash in the upper half, address in units of eight bytes plus one in the lower; 0 is empty. */
  private final long[] places;

  private final boolean[] used;
  private int writing;

  /**
   * @param limit bytes for entries; at least two slabs are taken
   */
  VersionCache(long limit) {
    int count = Math.clamp(limit / SLAB, 2, 1 << 13);
    slabs = new byte[count][];
    filled = new int[count];
    int wanted = count * (SLAB / BYTES_PER_PLACE);
    places = new long[Integer.highestOneBit(2 * wanted - 1)];
    used = new boolean[places.length];
  }

  /** Newest version, maybe a tombstone (the key is absent), or null if nothing is known. */
  Version get(ByteString key) {
    long stamp = changing.tryOptimisticRead();
    if (stamp == 0) {
      return null;
    }
    int hash = key.hashCode();
    int place = find(key, hash);
    if (place < 0) {
      return null;
    }
    var version = read(places[place]);
    if (!changing.validate(stamp)) {
      return null;
    }
    if (!used[place]) {
      used[place] = true;
    }
    return version;
  }

  /** Runs what calls {@link #put}: one change to readers. */
  void change(Runnable puts) {
    long stamp = changing.writeLock();
    try {
      puts.run();
    } finally {
      changing.unlockWrite(stamp);
    }
  }

  /** Only within {@link #change}. */
  void put(ByteString key, Version version) {
    int hash = key.hashCode();
    int place = find(key, hash);
    int size = size(key.size(), version.value().size());
    if (place >= 0) {
      int at = offset(places[place]);
      var slab = slab(places[place]);
      if (size == size((int) INT.get(slab, at + KEY_SIZE), (int) INT.get(slab, at + VALUE_SIZE))) {
        write(slab, at, hash, key, version);
        return;
      }
      places[place] = 0;
    }
    if (size <= LARGEST) {
      makeRoom(size);
      place = place >= 0 ? place : freePlace(hash);
      places[place] = place(hash, writing, filled[writing]);
      used[place] = false;
      write(slabs[writing], filled[writing], hash, key, version);
      filled[writing] += size;
    }
  }

  private void makeRoom(int size) {
    for (int visited = 0; SLAB - filled[writing] < size; visited++) {
      writing = (writing + 1) % slabs.length;
      if (slabs[writing] == null) {
        slabs[writing] = new byte[SLAB];
      } else {
        tidy(writing, visited < slabs.length);
      }
    }
    if (slabs[writing] == null) {
      slabs[writing] = new byte[SLAB];
    }
  }

  /** Drops what was not used since the last time; or all. */
  private void tidy(int number, boolean spareUsed) {
    var slab = slabs[number];
    int to = 0;
    for (int at = 0; at < filled[number]; ) {
      int hash = (int) INT.get(slab, at);
      int size = size((int) INT.get(slab, at + KEY_SIZE), (int) INT.get(slab, at + VALUE_SIZE));
      int place = indexOf(place(hash, number, at));
      if (place >= 0) {
        if (used[place] && spareUsed) {
          System.arraycopy(slab, at, slab, to, size);
          places[place] = place(hash, number, to);
          to += size;
        } else {
          places[place] = 0;
        }
        used[place] = false;
      }
      at += size;
    }
    filled[number] = to;
  }

  private static int size(int key, int value) {
    return HEADER + key + value + 7 & ~7;
  }

  private static long place(int hash, int slab, int offset) {
    return (long) hash << 32 | slab * (SLAB / 8) + offset / 8 + 1;
  }

  private byte[] slab(long place) {
    return slabs[((int) place - 1) / (SLAB / 8)];
  }

  private static int offset(long place) {
    return ((int) place - 1) % (SLAB / 8) * 8;
  }

  /** First place of a hash's set. */
  private int set(int hash) {
    int spread = hash * 0x9e3779b9;
    return (spread >>> 7) & places.length - 1 & -WAYS;
  }

  private int indexOf(long place) {
    int first = set((int) (place >>> 32));
    for (int i = first; i < first + WAYS; i++) {
      if (places[i] == place) {
        return i;
      }
    }
    return -1;
  }

  private int freePlace(int hash) {
    int first = set(hash);
    int unused = first;
    for (int i = first; i < first + WAYS; i++) {
      if (places[i] == 0) {
        return i;
      }
      if (!used[i]) {
        unused = i;
      }
    }
    return unused;
  }

  /** Place of a key, or -1. What a reader finds beside a change is checked by its stamp later. */
  private int find(ByteString key, int hash) {
    int first = set(hash);
    for (int i = first; i < first + WAYS; i++) {
      long place = places[i];
      if (place != 0 && (int) (place >>> 32) == hash && holds(place, key)) {
        return i;
      }
    }
    return -1;
  }

  private boolean holds(long place, ByteString key) {
    var slab = slab(place);
    int at = offset(place);
    if (slab == null
        || (int) INT.get(slab, at + KEY_SIZE) != key.size()
        || at + HEADER + key.size() > SLAB) {
      return false;
    }
    for (int i = 0; i < key.size(); i++) {
      if (slab[at + HEADER + i] != key.byteAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Null, or anything, beside a change. */
  private Version read(long place) {
    if (place == 0) {
      return null;
    }
    var slab = slab(place);
    if (slab == null) {
      return null;
    }
    int at = offset(place);
    int value = at + HEADER + (int) INT.get(slab, at + KEY_SIZE);
    int end = value + (int) INT.get(slab, at + VALUE_SIZE);
    if (value < at || end < value || end > SLAB) {
      return null;
    }
    return new Version(
        (long) LONG.get(slab, at + MOD),
        (int) INT.get(slab, at + SUB),
        (long) LONG.get(slab, at + CREATE),
        (long) LONG.get(slab, at + VERSION),
        (long) LONG.get(slab, at + LEASE),
        value == end
            ? ByteString.EMPTY
            : UnsafeByteOperations.unsafeWrap(Arrays.copyOfRange(slab, value, end)));
  }

  private static void write(byte[] slab, int at, int hash, ByteString key, Version version) {
    INT.set(slab, at, hash);
    INT.set(slab, at + KEY_SIZE, key.size());
    INT.set(slab, at + VALUE_SIZE, version.value().size());
    INT.set(slab, at + SUB, version.sub());
    LONG.set(slab, at + MOD, version.mod());
    LONG.set(slab, at + CREATE, version.create());
    LONG.set(slab, at + VERSION, version.version());
    LONG.set(slab, at + LEASE, version.lease());
    key.copyTo(slab, at + HEADER);
    version.value().copyTo(slab, at + HEADER + key.size());
  }
}
