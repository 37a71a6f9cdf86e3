package dev.kelvin.api;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Few platform threads for reads that touch the disk or do much work (native calls would pin
 * virtual ones). Its queue is bounded: what does not fit is refused.
 */
public final class ReadPool implements AutoCloseable {
  private final ThreadPoolExecutor pool;

  public ReadPool(int threads, int queue) {
    pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(queue),
            Thread.ofPlatform().daemon().name("read-", 0).factory());
    pool.allowCoreThreadTimeOut(true);
  }

  /**
   * @return false if the pool is full or closed; the task will not run
   */
  public boolean offer(Runnable task) {
    try {
      pool.execute(task);
      return true;
    } catch (RejectedExecutionException full) {
      return false;
    }
  }

  /** Waits a little for the reads under way; drops those that did not start. */
  @Override
  public void close() {
    pool.shutdownNow();
    try {
      pool.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
