package dev.kelvin.bench;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.KVGrpc;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.WatchCreateRequest;
import dev.kelvin.proto.etcdserverpb.WatchGrpc;
import dev.kelvin.proto.etcdserverpb.WatchRequest;
import dev.kelvin.proto.etcdserverpb.WatchResponse;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * Many watchers on many streams, each of one key of its own, and puts to these keys at a fixed
 * rate. A value holds the time when its put was due, so that delivery counts from there.
 */
final class Watchers implements AutoCloseable {
  static final int WATCHERS = 10_000;
  static final int STREAMS = 100;
  static final int RATE = 1000;
  private static final int KEY_LENGTH = 16;
  private static final int VALUE_LENGTH = 128;
  private static final long PATIENCE_SECONDS = 60;
  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(1);

  /**
   * @param delivery nanoseconds from when a put was due to its event
   * @param missing events that did not come
   * @param cores used by the servers
   */
  record Result(ConcurrentHistogram delivery, double missing, double cores) {
    double millis(double percentile) {
      return delivery.getValueAtPercentile(percentile) / 1e6;
    }
  }

  private final Connections connections;
  private final List<StreamObserver<WatchRequest>> streams = new ArrayList<>();
  private final CountDownLatch created = new CountDownLatch(WATCHERS);
  private final LongAdder events = new LongAdder();
  private volatile ConcurrentHistogram delivery = new ConcurrentHistogram(LONGEST_NANOS, 3);
  private volatile Throwable failure;

  /** Creates all watchers; they stand when it returns. */
  Watchers(Connections connections) throws InterruptedException {
    this.connections = connections;
    for (int i = 0; i < STREAMS; i++) {
      streams.add(WatchGrpc.newStub(connections.get(i)).watch(new Told()));
    }
    for (int i = 0; i < WATCHERS; i++) {
      streams
          .get(i % STREAMS)
          .onNext(
              WatchRequest.newBuilder()
                  .setCreateRequest(WatchCreateRequest.newBuilder().setKey(key(i)))
                  .build());
    }
    if (!created.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(created.getCount() + " watchers were not created");
    }
  }

  private static ByteString key(int watcher) {
    return ByteString.copyFrom(Template.key(watcher, KEY_LENGTH));
  }

  private final class Told implements StreamObserver<WatchResponse> {
    @Override
    public void onNext(WatchResponse response) {
      if (response.getCreated()) {
        created.countDown();
      }
      long now = System.nanoTime();
      for (var event : response.getEventsList()) {
        var due = event.getKv().getValue().asReadOnlyByteBuffer().getLong();
        delivery.recordValue(Math.min(now - due, LONGEST_NANOS));
        events.increment();
      }
    }

    @Override
    public void onError(Throwable error) {
      failure = error;
    }

    @Override
    public void onCompleted() {
      failure = new IllegalStateException("a stream ended");
    }
  }

  /** Puts for a while, and waits until every event of these puts has come. */
  Result run(Duration warmUp, Duration measure, List<Long> serverPids) {
    put(warmUp);
    delivery = new ConcurrentHistogram(LONGEST_NANOS, 3);
    long cpu = Proc.cpuNanos(serverPids);
    long begin = System.nanoTime();
    long missing = put(measure);
    double cores = (Proc.cpuNanos(serverPids) - cpu) / (double) (System.nanoTime() - begin);
    return new Result(delivery, missing, cores);
  }

  /** How many events did not come. */
  private long put(Duration length) {
    long before = events.sum();
    var failed = new AtomicLong();
    var schedule = new Schedule(System.nanoTime(), RATE);
    long puts = length.toMillis() * RATE / 1000;
    for (long i = 0; i < puts; i++) {
      long due = schedule.intended(i);
      Pause.until(due);
      var value = ByteBuffer.allocate(VALUE_LENGTH).putLong(0, due);
      KVGrpc.newStub(connections.get((int) (i % connections.size())))
          .put(
              PutRequest.newBuilder()
                  .setKey(key(ThreadLocalRandom.current().nextInt(WATCHERS)))
                  .setValue(ByteString.copyFrom(value))
                  .build(),
              new Answer<>(_ -> {}, failed::incrementAndGet));
    }
    long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (events.sum() - before + failed.get() < puts && System.nanoTime() < patience) {
      LockSupport.parkNanos(1_000_000);
    }
    if (failure != null) {
      throw new IllegalStateException("a watch failed: " + failure.getMessage(), failure);
    }
    return puts - (events.sum() - before);
  }

  @Override
  public void close() {
    streams.forEach(StreamObserver::onCompleted);
  }
}
