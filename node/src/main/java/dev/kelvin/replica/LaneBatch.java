package dev.kelvin.replica;

import java.util.ArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Callbacks that became due together, handed to each lane as one task: one wake-up per batch, not
 * per request. For one thread.
 */
final class LaneBatch {
  private final ArrayList<Executor> lanes = new ArrayList<>();
  private final ArrayList<ArrayList<Runnable>> tasks = new ArrayList<>();

  void add(Executor lane, Runnable task) {
    // Lanes are few (one per event loop): a scan beats a map.
    for (int i = 0; i < lanes.size(); i++) {
      if (lanes.get(i) == lane) {
        tasks.get(i).add(task);
        return;
      }
    }
    lanes.add(lane);
    var first = new ArrayList<Runnable>();
    first.add(task);
    tasks.add(first);
  }

  void flush() {
    for (int i = 0; i < lanes.size(); i++) {
      var due = tasks.get(i);
      try {
        lanes.get(i).execute(due.size() == 1 ? due.getFirst() : () -> due.forEach(Runnable::run));
      } catch (RejectedExecutionException e) {
        // The lane is gone, and with it whoever waited: nobody is left to be told.
        continue;
      }
    }
    lanes.clear();
    tasks.clear();
  }
}
