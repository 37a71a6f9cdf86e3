package dev.kelvin.sim;

import java.util.PriorityQueue;

/**
 * Virtual time, in microseconds, and what is to happen in it. Everything in a run happens in tasks
 * of this queue, one after the other; tasks for the same moment run in the order they were given.
 */
final class Scheduler {
  static final long MILLISECOND = 1_000;
  static final long SECOND = 1_000_000;

  private record Event(long time, long order, Runnable task) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(time, other.time);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long now;
  private long given;
  private long done;

  long now() {
    return now;
  }

  /** Number of tasks run so far: a finer order than time. */
  long moment() {
    return done;
  }

  void after(long delay, Runnable task) {
    events.add(new Event(now + delay, given++, task));
  }

  /** Runs the next task; false when there is none. */
  boolean step() {
    var event = events.poll();
    if (event == null) {
      return false;
    }
    now = event.time;
    done++;
    event.task.run();
    return true;
  }
}
