package dev.kelvin.member;

import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The thread of what a leader does by itself. A task that fails is the end of the process. */
final class DutyThread implements Executor, AutoCloseable {
  private static final long END_SECONDS = 2;

  private final Consumer<Throwable> fatal;
  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().name("kelvin-duty").daemon().factory());

  DutyThread(Consumer<Throwable> fatal) {
    this.fatal = fatal;
  }

  @Override
  public void execute(Runnable task) {
    thread.execute(() -> run(task));
  }

  void every(long millis, Runnable task) {
    thread.scheduleWithFixedDelay(() -> run(task), millis, millis, TimeUnit.MILLISECONDS);
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      fatal.accept(e);
      throw e;
    }
  }

  /** Runs what waits, repeats nothing any more, and takes no more. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
