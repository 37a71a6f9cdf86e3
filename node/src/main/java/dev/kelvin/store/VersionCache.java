package dev.kelvin.store;

import dev.kelvin.proto.mvccpb.KeyValue;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Current versions of recently used keys, absent keys too, bounded by bytes. The applying thread
 * writes what it applied; readers add what they had to look up.
 */
final class VersionCache {
  /** What an entry takes beside key and value: objects, references, map node. */
  private static final int OVERHEAD = 200;

  private static final int STRIPES = 16;

  /**
   * @param version null when the key does not exist
   * @param keyValue null then, too
   */
  record Cached(Version version, KeyValue keyValue) {
    static final Cached ABSENT = new Cached(null, null);
  }

  private static final class Key {
    private final byte[] bytes;
    private final int hash;

    Key(byte[] bytes) {
      this.bytes = bytes;
      this.hash = Arrays.hashCode(bytes);
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key key && Arrays.equals(bytes, key.bytes);
    }
  }

  /** Least recently used goes first. Its lock is held for a look or a change in memory only. */
  private static final class Stripe extends LinkedHashMap<Key, Cached> {
    private static final long serialVersionUID = 1;
    private final long maxBytes;
    private long bytes;

    Stripe(long maxBytes) {
      super(64, 0.75f, true);
      this.maxBytes = maxBytes;
    }

    private static long size(Key key, Cached cached) {
      return OVERHEAD
          + key.bytes.length
          + (cached.keyValue == null ? 0 : cached.keyValue.getSerializedSize());
    }

    void add(Key key, Cached cached) {
      bytes += size(key, cached);
      var old = put(key, cached);
      if (old != null) {
        bytes -= size(key, old);
      }
      for (var eldest = entrySet().iterator(); bytes > maxBytes && eldest.hasNext(); ) {
        Map.Entry<Key, Cached> entry = eldest.next();
        bytes -= size(entry.getKey(), entry.getValue());
        eldest.remove();
      }
    }
  }

  private final Stripe[] stripes = new Stripe[STRIPES];

  VersionCache(long maxBytes) {
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new Stripe(maxBytes / STRIPES);
    }
  }

  private Stripe stripe(Key key) {
    int spread = key.hash * 0x9E3779B9;
    return stripes[spread >>> 28];
  }

  Cached get(byte[] bytes) {
    var key = new Key(bytes);
    var stripe = stripe(key);
    synchronized (stripe) {
      return stripe.get(key);
    }
  }

  void put(byte[] bytes, Cached cached) {
    var key = new Key(bytes);
    var stripe = stripe(key);
    synchronized (stripe) {
      stripe.add(key, cached);
    }
  }

  /** Adds what a reader found, unless it may be outdated by now. */
  void offer(byte[] bytes, Cached cached, BooleanSupplier stillCurrent) {
    var key = new Key(bytes);
    var stripe = stripe(key);
    synchronized (stripe) {
      if (!stripe.containsKey(key) && stillCurrent.getAsBoolean()) {
        stripe.add(key, cached);
      }
    }
  }

  void clear() {
    for (var stripe : stripes) {
      synchronized (stripe) {
        stripe.clear();
        stripe.bytes = 0;
      }
    }
  }
}
