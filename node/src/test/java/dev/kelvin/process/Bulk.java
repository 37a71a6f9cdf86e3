package dev.kelvin.process;

import com.google.protobuf.ByteString;
import dev.kelvin.checker.client.NoAnswer;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Writes much in a short time: 16 at once, through any node that answers. */
final class Bulk {
  private static final int VALUE_BYTES = 32 << 10;
  private static final int WRITERS = 16;
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

  private Bulk() {}

  /**
   * Writes so many MiB of values without pattern.
   *
   * @param keys written over and over, if there are fewer than values
   */
  static void write(List<NodeProcess> nodes, int mib, int keys) throws InterruptedException {
    int count = mib * ((1 << 20) / VALUE_BYTES);
    var next = new AtomicInteger();
    var failed = new AtomicInteger();
    var threads = new Thread[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
      int writer = i;
      threads[i] =
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (int n = next.getAndIncrement(); n < count; n = next.getAndIncrement()) {
                      if (!put(nodes, writer, "bulk-%08d".formatted(n % keys))) {
                        failed.incrementAndGet();
                      }
                    }
                  });
    }
    for (var thread : threads) {
      thread.join();
    }
    if (failed.get() > 0) {
      throw new AssertionError(failed + " puts failed");
    }
  }

  private static boolean put(List<NodeProcess> nodes, int writer, String key) {
    var value = new byte[VALUE_BYTES];
    ThreadLocalRandom.current().nextBytes(value);
    var put =
        PutRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8(key))
            .setValue(ByteString.copyFrom(value))
            .build();
    long began = System.nanoTime();
    for (int at = writer; ; at++) {
      try {
        nodes.get(at % nodes.size()).kv().put(put);
        return true;
      } catch (StatusRuntimeException e) {
        var code = e.getStatus().getCode();
        boolean again = NoAnswer.is(e) || code == Status.Code.RESOURCE_EXHAUSTED;
        if (!again || System.nanoTime() - began > PATIENCE) {
          return false;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
      }
    }
  }
}
