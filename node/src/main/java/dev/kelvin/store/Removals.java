package dev.kelvin.store;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Who waits until what a compaction made unreachable is removed. Any thread. */
final class Removals {
  private record Waiting(long compaction, Consumer<Boolean> then) {}

  private final List<Waiting> waiting = new ArrayList<>();
  private boolean closed;

  /**
   * @param done compaction up to which all is removed, as of a call of it
   * @param then told true, or false if the store is closed before
   */
  void when(long compaction, LongSupplier done, Consumer<Boolean> then) {
    boolean removed;
    synchronized (this) {
      removed = done.getAsLong() >= compaction;
      if (!removed && !closed) {
        waiting.add(new Waiting(compaction, then));
        return;
      }
    }
    then.accept(removed);
  }

  /** All is removed up to a compaction. */
  void removed(long done) {
    List<Waiting> due;
    synchronized (this) {
      if (waiting.isEmpty()) {
        return;
      }
      due = waiting.stream().filter(w -> w.compaction <= done).toList();
      waiting.removeAll(due);
    }
    due.forEach(w -> w.then.accept(true));
  }

  void close() {
    List<Waiting> left;
    synchronized (this) {
      closed = true;
      left = List.copyOf(waiting);
      waiting.clear();
    }
    left.forEach(w -> w.then.accept(false));
  }
}
