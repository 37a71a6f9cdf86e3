package dev.kelvin.sim;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * What happened in a run, line by line: the last lines for people, a hash of all for comparison.
 */
final class Trace {
  private static final int KEPT = 400;

  private final Scheduler scheduler;
  private final Deque<String> last = new ArrayDeque<>();
  private final List<String> all;
  private long hash = 0xCBF29CE484222325L;

  /**
   * @param all receives every line; null to keep only the last ones
   */
  Trace(Scheduler scheduler, List<String> all) {
    this.scheduler = scheduler;
    this.all = all;
  }

  void line(String who, String what) {
    var line = time() + " " + who + " " + what;
    hash = (hash ^ line.hashCode()) * 0x100000001B3L;
    if (last.size() == KEPT) {
      last.removeFirst();
    }
    last.addLast(line);
    if (all != null) {
      all.add(line);
    }
  }

  private String time() {
    long now = scheduler.now();
    var micros = Long.toString(now % Scheduler.SECOND);
    return now / Scheduler.SECOND + "." + "0".repeat(6 - micros.length()) + micros;
  }

  long hash() {
    return hash;
  }

  List<String> last(int lines) {
    return last.stream().skip(Math.max(0, last.size() - lines)).toList();
  }
}
