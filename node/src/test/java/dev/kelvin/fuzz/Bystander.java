package dev.kelvin.fuzz;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A client that does nothing odd while others do: it writes a key at one node and reads it at
 * another, again and again, over connections that it keeps. Every answer must be right, and come in
 * time.
 */
final class Bystander {
  /** The way it takes. Its connections are its own, and are never lost. */
  interface Way extends AutoCloseable {
    void put(int node, String key, String value) throws Exception;

    /** Null for none. */
    String get(int node, String key) throws Exception;

    @Override
    void close() throws IOException;
  }

  /** The node said so: no leader, or too much under way. To be tried again. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    Refused(String why) {
      super(why);
    }
  }

  /** Of one answer, and of a request that is tried again. */
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final String name;
  private final Way way;
  private final Thread thread;
  private final List<Long> took = new ArrayList<>();
  private final List<String> wrong = new ArrayList<>();
  private int refusals;
  private volatile boolean going = true;

  Bystander(String name, Way way) {
    this.name = name;
    this.way = way;
    thread = Thread.ofPlatform().name("bystander-" + name).daemon().start(this::run);
  }

  private void run() {
    try {
      for (int i = 0; going; i++) {
        int number = i;
        var key = "bystander/" + name + "/" + i % 10;
        var value = name + " writes " + i;
        ask(
            () -> {
              way.put(number, key, value);
              return value;
            },
            value);
        ask(() -> way.get(number + 1, key), value);
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (Exception e) {
      if (going) {
        say("%s: %s".formatted(name, e));
      }
    }
  }

  private interface Ask {
    String ask() throws Exception;
  }

  private void ask(Ask ask, String wanted) throws Exception {
    long begin = System.nanoTime();
    while (true) {
      long asked = System.nanoTime();
      try {
        var answer = ask.ask();
        long nanos = System.nanoTime() - asked;
        synchronized (this) {
          took.add(nanos);
        }
        if (!wanted.equals(answer)) {
          say("%s: answered \"%s\" and not \"%s\"".formatted(name, answer, wanted));
        }
        if (nanos > LIMIT_NANOS) {
          say("%s: an answer after %d ms".formatted(name, nanos / 1_000_000));
        }
        return;
      } catch (Refused e) {
        synchronized (this) {
          refusals++;
        }
        if (System.nanoTime() - begin > LIMIT_NANOS) {
          say("%s: refused for too long: %s".formatted(name, e.getMessage()));
          return;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private synchronized void say(String what) {
    wrong.add("a client that did nothing odd was disturbed: " + what);
  }

  /** What was wrong since the last time. */
  synchronized List<String> wrong() {
    var found = List.copyOf(wrong);
    wrong.clear();
    return found;
  }

  synchronized String report() {
    var sorted = new ArrayList<>(took);
    Collections.sort(sorted);
    int count = sorted.size();
    return count == 0
        ? name + ": no answers"
        : "%s: %,d right answers, p50 %.1f ms, p99 %.1f ms, longest %.0f ms, refused and tried again %d"
            .formatted(
                name,
                count,
                sorted.get(count / 2) / 1e6,
                sorted.get(count * 99 / 100) / 1e6,
                sorted.getLast() / 1e6,
                refusals);
  }

  synchronized int answers() {
    return took.size();
  }

  /** Ends it; what was wrong can still be asked for. */
  void stop() throws IOException, InterruptedException {
    going = false;
    LockSupport.unpark(thread);
    thread.join(TimeUnit.NANOSECONDS.toMillis(2 * LIMIT_NANOS));
    way.close();
  }
}
