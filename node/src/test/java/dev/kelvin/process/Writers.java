package dev.kelvin.process;

import com.google.protobuf.ByteString;
import dev.kelvin.checker.client.NoAnswer;
import dev.kelvin.proto.etcdserverpb.KVGrpc;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that write without pause, each to keys of its own, through any node that answers. A
 * client tries again on Unavailable and time-out, with back-off, for 5 s: more is a failed request.
 */
final class Writers implements AutoCloseable {
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(5);

  private final List<ManagedChannel> channels = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  /** By key, the number of its last acknowledged write. */
  final Map<String, Long> acknowledged = new ConcurrentHashMap<>();

  private final AtomicLong lastAcknowledgement = new AtomicLong(System.nanoTime());
  private final AtomicLong longestGap = new AtomicLong();
  final AtomicLong acknowledgements = new AtomicLong();
  final AtomicLong failedRequests = new AtomicLong();
  private volatile boolean running = true;

  Writers(List<NodeProcess> nodes, int count) {
    for (var node : nodes) {
      channels.add(
          NettyChannelBuilder.forAddress("127.0.0.1", node.clientPort).usePlaintext().build());
    }
    for (int i = 0; i < count; i++) {
      int writer = i;
      threads.add(Thread.ofVirtual().start(() -> run(writer)));
    }
  }

  private void run(int writer) {
    int at = writer;
    for (long n = 1; running; n++) {
      var key = "writer-" + writer + "-key-" + n % 7;
      var put =
          PutRequest.newBuilder()
              .setKey(ByteString.copyFromUtf8(key))
              .setValue(ByteString.copyFromUtf8(Long.toString(n)))
              .build();
      long began = System.nanoTime();
      while (true) {
        try {
          KVGrpc.newBlockingStub(channels.get(at % channels.size()))
              .withDeadlineAfter(2, TimeUnit.SECONDS)
              .put(put);
          acknowledged(key, n);
          break;
        } catch (StatusRuntimeException e) {
          at++;
          if (!NoAnswer.is(e) || System.nanoTime() - began > PATIENCE) {
            if (running) {
              failedRequests.incrementAndGet();
            }
            break;
          }
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
      }
    }
  }

  private void acknowledged(String key, long n) {
    acknowledged.put(key, n);
    acknowledgements.incrementAndGet();
    long now = System.nanoTime();
    long gap = now - lastAcknowledgement.getAndSet(now);
    longestGap.accumulateAndGet(gap, Math::max);
  }

  /** Longest time without any acknowledgement, in milliseconds, since the last call. */
  long takeLongestGapMillis() {
    return TimeUnit.NANOSECONDS.toMillis(longestGap.getAndSet(0));
  }

  void stop() throws InterruptedException {
    running = false;
    for (var thread : threads) {
      thread.join();
    }
  }

  /** Acknowledged writes that a linearizable read through {@code node} does not show. */
  List<String> missing(NodeProcess node) {
    var missing = new ArrayList<String>();
    acknowledged.forEach(
        (key, n) -> {
          var found = node.kv().range(Kv.range(key));
          // A later write may have been carried out without its answer coming through.
          long value =
              found.getKvsCount() == 0
                  ? -1
                  : Long.parseLong(found.getKvs(0).getValue().toStringUtf8());
          if (value < n) {
            missing.add(key + ": acknowledged " + n + ", found " + value);
          }
        });
    return missing;
  }

  @Override
  public void close() {
    running = false;
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
