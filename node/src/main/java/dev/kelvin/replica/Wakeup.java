package dev.kelvin.replica;

import java.util.concurrent.locks.LockSupport;

/** Lets one thread sleep until another has work for it. Costs a volatile read while it is awake. */
final class Wakeup {
  private volatile boolean asleep;
  private volatile Thread sleeper;

  /** To be called after the work is where the sleeper will look. */
  void wake() {
    if (asleep) {
      asleep = false;
      LockSupport.unpark(sleeper);
    }
  }

  /** Announces sleep; the caller must then look for work once more before {@link #sleep}. */
  void prepare() {
    sleeper = Thread.currentThread();
    asleep = true;
  }

  void sleep(long nanos) {
    if (asleep) {
      LockSupport.parkNanos(this, nanos);
    }
    asleep = false;
  }

  void cancel() {
    asleep = false;
  }
}
