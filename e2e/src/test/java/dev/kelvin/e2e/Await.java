package dev.kelvin.e2e;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Looks again and again until something is so. */
final class Await {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private Await() {}

  /**
   * @param what is waited for, in words
   * @return what was seen at last
   * @throws AssertionError when it is not so in time, with what was seen last
   */
  static <T> T until(String what, Duration patience, Supplier<T> look, Predicate<T> enough) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      T seen = look.get();
      if (enough.test(seen)) {
        return seen;
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within %s: %s; last: %s".formatted(patience, what, seen));
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
