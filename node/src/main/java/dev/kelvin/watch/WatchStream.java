package dev.kelvin.watch;

import dev.kelvin.store.StoreError;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The watches of one client's stream. Any thread; the answers go to its {@link WatchSink}. */
public final class WatchStream implements AutoCloseable {
  private static final String EMPTY_RANGE = "mvcc: watcher range is empty";
  private static final String DUPLICATE_ID = "mvcc: duplicate watch ID provided on the WatchStream";

  /** Before any revision. */
  private static final long NOTHING = -1;

  private final Watches watches;
  final WatchSink sink;
  private final Map<Long, Watcher> watchers = new HashMap<>();
  private long nextId;

  /** What had been applied when progress was asked for first, and last, of what is unanswered. */
  private long asked = NOTHING;

  private long askedSince = NOTHING;

  /** The sink refused events and has not told of room since. Under the lock of {@link Watches}. */
  boolean blocked;

  WatchStream(Watches watches, WatchSink sink) {
    this.watches = watches;
    this.sink = sink;
  }

  /** Begins to watch, or answers why not. */
  public void create(WatchRequest request) {
    var range = KeyRange.of(request.key(), request.rangeEnd());
    synchronized (watches.lock) {
      long now = watches.now();
      if (request.start() < 0) {
        sink.refused(now, StoreError.COMPACTED.text());
      } else if (range.empty()) {
        sink.refused(now, EMPTY_RANGE);
      } else if (request.watch() != 0 && watchers.containsKey(request.watch())) {
        sink.refused(now, DUPLICATE_ID);
      } else {
        long id = request.watch() != 0 ? request.watch() : freeId();
        long next = request.start() == 0 ? now + 1 : request.start();
        var watcher = new Watcher(this, request, id, range, next);
        watchers.put(id, watcher);
        sink.created(id, now);
        watches.add(watcher);
      }
    }
  }

  private long freeId() {
    while (watchers.containsKey(nextId)) {
      nextId++;
    }
    return nextId++;
  }

  /** Ends a watch; one that does not exist is passed over in silence, as in etcd. */
  public void cancel(long watch) {
    synchronized (watches.lock) {
      var watcher = watchers.get(watch);
      if (watcher != null) {
        forget(watcher);
        sink.canceled(watch, watches.now());
      }
    }
  }

  /**
   * Answers how far all watches of the stream are, if each is in sync: once they were told of all
   * that is applied by now, so that who asks after a write was answered hears of that write. Those
   * who ask meanwhile are answered together. A stream without watches has no answer to wait for.
   */
  public void progress() {
    synchronized (watches.lock) {
      if (watchers.isEmpty()) {
        return;
      }
      if (asked == NOTHING) {
        asked = watches.now();
      } else {
        askedSince = watches.now();
      }
      if (!answered()) {
        watches.asks(this);
      }
    }
  }

  /** Answers what was asked, if that can be; false if there is more to wait for. */
  boolean answered() {
    long delivered = watches.delivered();
    if (asked > delivered) {
      return false;
    }
    if (!watchers.isEmpty() && watchers.values().stream().allMatch(this::knowsAll)) {
      sink.progress(-1, delivered);
    }
    asked = askedSince > delivered ? askedSince : NOTHING;
    askedSince = NOTHING;
    return asked == NOTHING;
  }

  /** Tells the watches that want it, and had no events since the last call, how far they are. */
  public void progressDue() {
    synchronized (watches.lock) {
      for (var watcher : watchers.values()) {
        if (watcher.request.progress() && !watcher.told && knowsAll(watcher) && !blocked) {
          sink.progress(watcher.id, watches.delivered());
        }
        watcher.told = false;
      }
    }
  }

  private boolean knowsAll(Watcher watcher) {
    long delivered = watches.delivered();
    // Before its first revision there is nothing to tell of, as in etcd.
    return watcher.synced && delivered >= watcher.next - 1 && delivered >= watcher.request.start();
  }

  /** The sink has room again. */
  public void room() {
    synchronized (watches.lock) {
      blocked = false;
    }
    watches.roomAgain();
  }

  Collection<Watcher> watchers() {
    return watchers.values();
  }

  void forget(Watcher watcher) {
    watchers.remove(watcher.id);
    watches.remove(watcher);
  }

  @Override
  public void close() {
    synchronized (watches.lock) {
      List.copyOf(watchers.values()).forEach(this::forget);
      watches.closed(this);
    }
  }
}
