package dev.kelvin.peer;

import java.util.concurrent.TimeUnit;

/** Holds a stream to a rate: no burst of more than a tenth of a second's worth. One thread. */
final class Pace {
  private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final double nanosPerByte;

  /** When all that was sent so far would have been sent at exactly that rate. */
  private long due;

  /**
   * @param now in nanoseconds, as of {@link System#nanoTime}
   */
  Pace(long bytesPerSecond, long now) {
    nanosPerByte = (double) TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
    due = now;
  }

  /** Counts bytes about to be sent; how many nanoseconds to wait before that, if any. */
  long take(int bytes, long now) {
    // Time that went by unused is not saved up.
    due = Math.max(due, now - BURST_NANOS);
    long wait = Math.max(0, due - now);
    due += (long) (bytes * nanosPerByte);
    return wait;
  }
}
