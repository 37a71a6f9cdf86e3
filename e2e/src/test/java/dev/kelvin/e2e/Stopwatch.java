package dev.kelvin.e2e;

import java.util.concurrent.TimeUnit;

/** How long something took that people wait for. */
final class Stopwatch {
  private final long since = System.nanoTime();

  private Stopwatch() {}

  static Stopwatch start() {
    return new Stopwatch();
  }

  /** In seconds, with the unit. */
  @Override
  public String toString() {
    return "%.1f s".formatted((System.nanoTime() - since) / (double) TimeUnit.SECONDS.toNanos(1));
  }
}
