package dev.kelvin.store;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The database, the cache before it, and what the batch under way has changed already: what a
 * request within a batch sees. For the applying thread.
 */
final class Overlay implements Source {
  private record Touched(Version version, Touched older) {}

  private final DbSource base;
  private final VersionCache cache;
  private final Map<ByteString, Touched> touched = new HashMap<>();
  private TreeMap<ByteString, Touched> ordered;
  private long revision;
  private long compact;

  Overlay(DbSource base, VersionCache cache) {
    this.base = base;
    this.cache = cache;
    revision = base.revision();
    compact = base.compact();
  }

  @Override
  public long revision() {
    return revision;
  }

  void revision(long now) {
    revision = now;
  }

  @Override
  public long compact() {
    return compact;
  }

  void compact(long now) {
    compact = now;
  }

  /** Newest version of a key, with what the batch has written; null if there is none. */
  Version current(ByteString key) {
    return at(key, Long.MAX_VALUE);
  }

  void write(ByteString key, Version version) {
    var now = new Touched(version, touched.get(key));
    touched.put(key, now);
    if (ordered != null) {
      ordered.put(key, now);
    }
  }

  /** Hands the batch's newest versions to the cache. */
  void publish() {
    cache.change(() -> touched.forEach((key, now) -> cache.put(key, now.version)));
  }

  @Override
  public Version at(ByteString key, long at) {
    if (at < base.revision()) {
      return base.at(key, at);
    }
    for (var t = touched.get(key); t != null; t = t.older) {
      if (t.version.mod() <= at) {
        return t.version.deleted() ? null : t.version;
      }
    }
    var known = cache.get(key);
    if (known != null) {
      return known.deleted() ? null : known;
    }
    return base.at(key, base.revision());
  }

  @Override
  public Scan scan(ByteString from, ByteString end, long at) {
    var rows = base.scan(from, end, Math.min(at, base.revision()));
    if (at < base.revision() || touched.isEmpty()) {
      return rows;
    }
    if (ordered == null) {
      ordered = new TreeMap<>(ByteString.unsignedLexicographicalComparator());
      ordered.putAll(touched);
    }
    var changed = end == null ? ordered.tailMap(from, true) : between(from, end);
    var keys = new ArrayList<>(changed.keySet());
    return keys.isEmpty() ? rows : new MergedScan(rows, keys, at);
  }

  private Map<ByteString, Touched> between(ByteString from, ByteString end) {
    return ByteString.unsignedLexicographicalComparator().compare(from, end) < 0
        ? ordered.subMap(from, true, end, false)
        : Map.of();
  }

  @Override
  public Version withValue(Version version) {
    return base.withValue(version);
  }

  /** Keys of the base, except those the batch touched, and those that exist after it. */
  private final class MergedScan implements Scan {
    private final Scan rows;
    private final List<ByteString> keys;
    private final long at;
    private int nextKey;
    private boolean rowsLeft;
    private ByteString key;
    private Version version;

    MergedScan(Scan rows, List<ByteString> keys, long at) {
      this.rows = rows;
      this.keys = keys;
      this.at = at;
      rowsLeft = rows.next();
    }

    @Override
    public boolean next() {
      while (rowsLeft || nextKey < keys.size()) {
        int order = order();
        if (order < 0) {
          key = rows.key();
          version = rows.version();
          rowsLeft = rows.next();
          return true;
        }
        if (order == 0) {
          rowsLeft = rows.next();
        }
        key = keys.get(nextKey++);
        version = at(key, at);
        if (version != null) {
          return true;
        }
      }
      return false;
    }

    private int order() {
      if (!rowsLeft) {
        return 1;
      }
      return nextKey == keys.size()
          ? -1
          : ByteString.unsignedLexicographicalComparator().compare(rows.key(), keys.get(nextKey));
    }

    @Override
    public ByteString key() {
      return key;
    }

    @Override
    public Version version() {
      return version;
    }

    @Override
    public void close() {
      rows.close();
    }
  }
}
