package dev.kelvin.store;

import com.google.protobuf.ByteString;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Current versions of keys, values included, bounded by bytes; also remembers that a key is absent.
 * Reads take no lock; second-chance eviction (CLOCK).
 */
final class VersionCache {
  /** Heap an entry takes beside its key and value: slot, version, two byte strings, map node. */
  private static final int OVERHEAD = 240;

  private static final class Slot {
    final ByteString key;
    volatile Version version;
    volatile boolean used;

    Slot(ByteString key, Version version) {
      this.key = key;
      this.version = version;
    }
  }

  private final ConcurrentHashMap<ByteString, Slot> slots = new ConcurrentHashMap<>();
  private final ArrayDeque<Slot> clock = new ArrayDeque<>();
  private final long limit;
  private long bytes;

  VersionCache(long limit) {
    this.limit = limit;
  }

  /** Newest version, maybe a tombstone (the key is absent), or null if nothing is known. */
  Version get(ByteString key) {
    var slot = slots.get(key);
    if (slot == null) {
      return null;
    }
    if (!slot.used) {
      slot.used = true;
    }
    return slot.version;
  }

  /** Caller holds the lock that orders all changes of the cache. */
  void put(ByteString key, Version version) {
    var slot = slots.get(key);
    if (slot != null) {
      bytes += version.value().size() - slot.version.value().size();
      slot.version = version;
    } else {
      slot = new Slot(key, version);
      slots.put(key, slot);
      clock.add(slot);
      bytes += weight(slot);
    }
    while (bytes > limit && !clock.isEmpty()) {
      var oldest = clock.poll();
      if (oldest.used) {
        oldest.used = false;
        clock.add(oldest);
      } else {
        slots.remove(oldest.key);
        bytes -= weight(oldest);
      }
    }
  }

  private static long weight(Slot slot) {
    return OVERHEAD + slot.key.size() + (long) slot.version.value().size();
  }
}
