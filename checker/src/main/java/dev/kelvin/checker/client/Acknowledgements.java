package dev.kelvin.checker.client;

import java.util.concurrent.TimeUnit;

/** The longest time without an acknowledged write. Times are of {@link System#nanoTime}. */
public final class Acknowledgements {
  private final long began;
  private long last;
  private long longest;
  private long ended;

  public Acknowledgements(long began) {
    this.began = began;
    last = began;
    ended = began;
  }

  /** A write was acknowledged, or what is looked at ends. */
  public synchronized void at(long time) {
    if (time - last > longest) {
      longest = time - last;
      ended = time;
    }
    last = Math.max(last, time);
  }

  public synchronized long longestMillis() {
    return TimeUnit.NANOSECONDS.toMillis(longest);
  }

  /** When the longest time ended, since the beginning. */
  public synchronized long endedMillis() {
    return TimeUnit.NANOSECONDS.toMillis(ended - began);
  }
}
