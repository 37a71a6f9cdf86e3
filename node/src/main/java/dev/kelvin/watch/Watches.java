package dev.kelvin.watch;

import dev.kelvin.proto.mvccpb.Event;
import dev.kelvin.store.Change;
import dev.kelvin.store.ChangeListener;
import dev.kelvin.store.Reader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * All watches of one store. A watch is in sync, and then told of changes as they are applied, from
 * an index by key: a write costs what matches it, not what watches. Or it lags, because it began in
 * the past or its client reads too slowly; then the store itself is its queue, and it is fed from
 * there in batches until it has caught up. So nothing is kept for a client beyond what its sink
 * takes.
 *
 * <p>The applying thread only hands its changes over. Two loops do the rest, {@link #dispatch} and
 * {@link #catchUp}, each by one thread at a time.
 */
public final class Watches implements ChangeListener, AutoCloseable {
  /** Changes on their way from the applying thread; beyond it, all watches are made to lag. */
  private static final long MAX_QUEUED_BYTES = 16 << 20;

  /** Read from the store at once. */
  private static final long CATCH_UP_BYTES = 1 << 20;

  /** Events of one answer, after which no further revision is begun. */
  private static final long ANSWER_BYTES = 1 << 20;

  /**
   * @param changes null for unknown ones
   */
  private record Batch(List<Change> changes, long revision, long bytes) {}

  private final Reader reader;
  private final ArrayDeque<Batch> queue = new ArrayDeque<>();
  private final Semaphore dispatchDue = new Semaphore(0);
  private final Semaphore catchUpDue = new Semaphore(0);
  private final LongAdder events = new LongAdder();
  private long queuedBytes;

  /** Guards all that follows, the streams and their watchers; never held over I/O. */
  final Object lock = new Object();

  private final IntervalIndex<Watcher> synced = new IntervalIndex<>();
  private final Set<Watcher> lagging = new LinkedHashSet<>();
  private final Set<WatchStream> streams = new HashSet<>();

  /** Those who asked for progress beyond what is delivered. */
  private final Set<WatchStream> asking = new LinkedHashSet<>();

  /** Watches in sync are told of later revisions only. */
  private long position;

  /** What was to be told up to here, the sinks of watches in sync have. */
  private long delivered;

  private volatile int count;
  private volatile boolean closed;

  /**
   * @param reader of the store that {@link #changed} is told of
   */
  public Watches(Reader reader) {
    this.reader = reader;
    position = reader.revision();
    delivered = position;
  }

  // By the applying thread.

  @Override
  public boolean wanted() {
    return count > 0;
  }

  @Override
  public void changed(List<Change> changes, long revision) {
    if (changes == null) {
      synchronized (lock) {
        if (count == 0 && idle()) {
          position = revision;
          delivered(revision);
          return;
        }
      }
    }
    synchronized (queue) {
      long bytes = changes == null ? 0 : bytes(changes);
      boolean unknown = changes == null || queuedBytes + bytes > MAX_QUEUED_BYTES;
      if (unknown && !queue.isEmpty() && queue.getLast().changes == null) {
        queue.removeLast();
      }
      queue.add(new Batch(unknown ? null : changes, revision, unknown ? 0 : bytes));
      queuedBytes += unknown ? 0 : bytes;
    }
    dispatchDue.release();
  }

  private boolean idle() {
    synchronized (queue) {
      return queue.isEmpty();
    }
  }

  private static long bytes(List<Change> changes) {
    long bytes = 0;
    for (var change : changes) {
      // An event is more than its bytes.
      bytes += change.kv().getKey().size() + change.kv().getValue().size() + 128L;
    }
    return bytes;
  }

  // The two loops.

  /** Tells watches in sync of one applied batch; false when there was none. */
  public boolean dispatch() {
    Batch batch;
    synchronized (queue) {
      batch = queue.poll();
      if (batch == null) {
        return false;
      }
      queuedBytes -= batch.bytes;
    }
    if (batch.changes == null) {
      unsyncAll(batch.revision);
      return true;
    }
    Map<Watcher, List<Happening>> due = new LinkedHashMap<>();
    synchronized (lock) {
      batch.changes.forEach(change -> match(synced, change, due));
      // Who comes from now on with an earlier start takes it from the store.
      position = batch.revision;
    }
    prepare(due);
    synchronized (lock) {
      due.forEach((watcher, list) -> tell(watcher, list, batch.revision));
      delivered(batch.revision);
    }
    return true;
  }

  private void delivered(long revision) {
    delivered = revision;
    // A copy: a stream whose client is gone may be closed by being answered.
    for (var stream : List.copyOf(asking)) {
      if (stream.answered()) {
        asking.remove(stream);
      }
    }
  }

  private void tell(Watcher watcher, List<Happening> due, long revision) {
    if (watcher.closed) {
      return;
    }
    long refused = deliver(watcher, due, revision);
    if (refused > 0) {
      synced.remove(watcher.range, watcher);
      watcher.synced = false;
      watcher.next = refused;
      watcher.stream.blocked = true;
      lagging.add(watcher);
    }
  }

  /** What changed is not known: everybody looks it up. */
  private void unsyncAll(long revision) {
    synchronized (lock) {
      for (var stream : streams) {
        for (var watcher : stream.watchers()) {
          if (watcher.synced) {
            synced.remove(watcher.range, watcher);
            watcher.synced = false;
            watcher.next = Math.max(watcher.next, position + 1);
            lagging.add(watcher);
          }
        }
      }
      position = revision;
      delivered(revision);
    }
    catchUpDue.release();
  }

  /** Brings some of the watches that lag forward; false when none can be. */
  public boolean catchUp() {
    var group = new ArrayList<Watcher>();
    long from = 0;
    synchronized (lock) {
      for (var watcher : lagging) {
        // The first has waited longest; the others come along.
        if (!watcher.stream.blocked && (group.isEmpty() || watcher.next >= from)) {
          from = group.isEmpty() ? watcher.next : from;
          group.add(watcher);
        }
      }
    }
    if (group.isEmpty()) {
      return false;
    }
    var index = new IntervalIndex<Watcher>();
    group.forEach(watcher -> index.add(watcher.range, watcher));
    Map<Watcher, List<Happening>> due = new LinkedHashMap<>();
    var read = reader.changes(from, CATCH_UP_BYTES, change -> match(index, change, due));
    prepare(due);
    synchronized (lock) {
      group.forEach(watcher -> bringForward(watcher, read, due.getOrDefault(watcher, List.of())));
    }
    return true;
  }

  private void bringForward(Watcher watcher, Reader.ChangesRead read, List<Happening> due) {
    if (watcher.closed) {
      return;
    }
    // To the end of the line, should it have to wait again.
    lagging.remove(watcher);
    if (watcher.next < read.compacted()) {
      watcher.stream.forget(watcher);
      watcher.stream.sink.compacted(watcher.id, read.revision(), read.compacted());
      return;
    }
    long refused = deliver(watcher, due, read.revision());
    if (refused > 0) {
      watcher.next = refused;
      watcher.stream.blocked = true;
    } else {
      watcher.next = Math.max(watcher.next, read.through() + 1);
    }
    place(watcher);
  }

  private static void match(
      IntervalIndex<Watcher> index, Change change, Map<Watcher, List<Happening>> due) {
    var happening = new Happening(change);
    index.visit(
        change.kv().getKey(),
        watcher -> {
          if (watcher.wants(happening)) {
            due.computeIfAbsent(watcher, _ -> new ArrayList<>()).add(happening);
          }
        });
  }

  private void prepare(Map<Watcher, List<Happening>> due) {
    due.forEach(
        (watcher, list) -> list.forEach(h -> h.prepare(watcher.request.previous(), reader)));
  }

  /** Returns the first revision that the sink did not take; 0 if it took all. */
  private long deliver(Watcher watcher, List<Happening> due, long revision) {
    boolean previous = watcher.request.previous();
    int next = 0;
    while (next < due.size()) {
      var answer = new ArrayList<Event>();
      long first = due.get(next).revision();
      long last = first;
      long bytes = 0;
      while (next < due.size() && (due.get(next).revision() == last || bytes < ANSWER_BYTES)) {
        last = due.get(next).revision();
        var event = due.get(next++).event(previous);
        bytes += event.getSerializedSize();
        answer.add(event);
      }
      boolean all = next == due.size();
      if (!watcher.stream.sink.events(
          watcher.id, all ? revision : last, answer, watcher.request.fragment())) {
        return first;
      }
      watcher.told = true;
      events.add(answer.size());
    }
    return 0;
  }

  // For streams, with the lock held.

  long now() {
    return reader.revision();
  }

  long delivered() {
    return delivered;
  }

  void add(Watcher watcher) {
    count++;
    place(watcher);
    if (!watcher.synced) {
      catchUpDue.release();
    }
  }

  private void place(Watcher watcher) {
    watcher.synced = watcher.next > position;
    if (watcher.synced) {
      synced.add(watcher.range, watcher);
    } else {
      lagging.add(watcher);
    }
  }

  void remove(Watcher watcher) {
    count--;
    watcher.closed = true;
    if (watcher.synced) {
      synced.remove(watcher.range, watcher);
    } else {
      lagging.remove(watcher);
    }
  }

  /** Has a stream answer as soon as more is delivered. */
  void asks(WatchStream stream) {
    asking.add(stream);
  }

  void closed(WatchStream stream) {
    streams.remove(stream);
    asking.remove(stream);
  }

  void roomAgain() {
    catchUpDue.release();
  }

  // For everybody.

  /** A stream of answers for one client; empty once the store is closed. */
  public Optional<WatchStream> open(WatchSink sink) {
    synchronized (lock) {
      if (closed) {
        return Optional.empty();
      }
      var stream = new WatchStream(this, sink);
      streams.add(stream);
      return Optional.of(stream);
    }
  }

  /** Runs the loops in threads of their own until {@link #close}. */
  public void start(Consumer<Throwable> fatal) {
    run("kelvin-watch", dispatchDue, this::dispatch, fatal);
    run("kelvin-watch-catch-up", catchUpDue, this::catchUp, fatal);
  }

  private void run(String name, Semaphore due, BooleanSupplier loop, Consumer<Throwable> fatal) {
    Thread.ofPlatform()
        .name(name)
        .daemon()
        .start(
            () -> {
              try {
                while (!closed) {
                  due.acquire();
                  due.drainPermits();
                  while (!closed && loop.getAsBoolean()) {
                    // Until there is nothing to do.
                    continue;
                  }
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } catch (RuntimeException e) {
                if (!closed) {
                  fatal.accept(e);
                }
              }
            });
  }

  /** Watches there are. */
  public int watchers() {
    return count;
  }

  public int lagging() {
    synchronized (lock) {
      return lagging.size();
    }
  }

  public int streams() {
    synchronized (lock) {
      return streams.size();
    }
  }

  /** Changes applied of which watches in sync have not been told yet; 0 where nobody watches. */
  public long pending() {
    synchronized (queue) {
      return queue.stream()
          .mapToLong(batch -> batch.changes == null ? 0 : batch.changes.size())
          .sum();
    }
  }

  /** Events handed to sinks. */
  public long events() {
    return events.sum();
  }

  /** Ends all streams. Loops under way may still meet a closed store; nobody hears of it. */
  @Override
  public void close() {
    List<WatchStream> open;
    synchronized (lock) {
      closed = true;
      open = List.copyOf(streams);
    }
    open.forEach(
        stream -> {
          stream.close();
          stream.sink.ended();
        });
    dispatchDue.release();
    catchUpDue.release();
  }
}
