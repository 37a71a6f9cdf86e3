package dev.kelvin.bench;

/**
 * Intended send times of an open loop at a fixed rate. They depend on the start alone, never on
 * answers, so a server that stalls is charged for every request it kept waiting (no coordinated
 * omission).
 *
 * @param startNanos when request 0 is due, of {@link System#nanoTime}
 * @param perSecond requests a second, positive
 */
record Schedule(long startNanos, double perSecond) {
  Schedule {
    if (!(perSecond > 0)) {
      throw new IllegalArgumentException("a rate must be positive, not " + perSecond);
    }
  }

  /** When request {@code i}, from 0, is due. */
  long intended(long i) {
    return startNanos + (long) (i * (1e9 / perSecond));
  }
}
