package dev.kelvin.e2e;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Many calls, several at a time. */
final class Parallel {
  private Parallel() {}

  /**
   * Calls {@code task} with 0, 1, 2, … and waits for all.
   *
   * @throws java.util.concurrent.CompletionException when a call failed
   */
  static void run(int threads, int count, IntConsumer task) {
    var next = new AtomicInteger();
    try (var pool = Executors.newFixedThreadPool(threads)) {
      var workers =
          IntStream.range(0, threads)
              .mapToObj(
                  worker ->
                      CompletableFuture.runAsync(
                          () -> {
                            for (int i = next.getAndIncrement();
                                i < count;
                                i = next.getAndIncrement()) {
                              task.accept(i);
                            }
                          },
                          pool))
              .toArray(CompletableFuture[]::new);
      CompletableFuture.allOf(workers).join();
    }
  }
}
