package dev.kelvin.bench;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting for moments of {@link System#nanoTime}. */
final class Pause {
  private Pause() {}

  static void until(long nanoTime) {
    until(nanoTime, () -> true);
  }

  /** Ends early once it is not {@code wanted} any more and the thread is unparked. */
  static void until(long nanoTime, BooleanSupplier wanted) {
    for (long left = nanoTime - System.nanoTime();
        left > 0 && wanted.getAsBoolean();
        left = nanoTime - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
