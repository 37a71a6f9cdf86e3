package dev.kelvin.sim;

import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * One of a node's loops: when woken it takes a batch after a delay, as a thread would that has to
 * be scheduled and whose work takes time. Ends with the life it belongs to.
 */
final class Loop {
  private final Scheduler scheduler;
  private final BooleanSupplier alive;
  private final LongSupplier delay;
  private final BooleanSupplier step;
  private final Runnable didSomething;
  private boolean scheduled;

  /**
   * @param alive whether the process lives and is not paused
   * @param delay in microseconds, drawn for each batch
   * @param step takes a batch; false when there was nothing to do
   */
  Loop(
      Scheduler scheduler,
      BooleanSupplier alive,
      LongSupplier delay,
      BooleanSupplier step,
      Runnable didSomething) {
    this.scheduler = scheduler;
    this.alive = alive;
    this.delay = delay;
    this.step = step;
    this.didSomething = didSomething;
  }

  void wake() {
    if (scheduled) {
      return;
    }
    scheduled = true;
    scheduler.after(
        delay.getAsLong(),
        () -> {
          scheduled = false;
          if (alive.getAsBoolean() && step.getAsBoolean()) {
            didSomething.run();
          }
        });
  }
}
