package dev.kelvin.api.cache;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory that all connections of the doors may hold together: frames that are not whole, requests
 * without answer, answers that are not sent. Any thread.
 */
final class Budget {
  private final long most;
  private final AtomicLong taken = new AtomicLong();

  /**
   * @param most bytes
   */
  Budget(long most) {
    this.most = most;
  }

  /** Whether so many bytes could be had; they are to be given back then. */
  boolean take(long bytes) {
    if (taken.addAndGet(bytes) <= most) {
      return true;
    }
    taken.addAndGet(-bytes);
    return false;
  }

  void giveBack(long bytes) {
    if (taken.addAndGet(-bytes) < 0) {
      throw new IllegalStateException("more was given back than taken");
    }
  }

  /** Bytes. */
  long taken() {
    return taken.get();
  }
}
