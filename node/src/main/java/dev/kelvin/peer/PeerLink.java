package dev.kelvin.peer;

import com.google.protobuf.UnsafeByteOperations;
import dev.kelvin.proto.peer.Hello;
import dev.kelvin.proto.peer.Outgoing;
import dev.kelvin.proto.peer.PeerGrpc;
import dev.kelvin.proto.peer.PingRequest;
import dev.kelvin.proto.peer.Welcome;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jctools.queues.MpscArrayQueue;

/**
 * Messages to one member: a stream that is made again, with back-off, whenever it breaks. All of it
 * happens on one event loop; only {@link #send} is called by others.
 */
final class PeerLink {
  private static final int MAX_MESSAGES = 4096;
  private static final long MAX_BYTES = 64L << 20;
  private static final int MAX_FRAME_BYTES = 1 << 20;
  private static final long FIRST_BACKOFF_MILLIS = 10;
  private static final long MAX_BACKOFF_MILLIS = 1000;

  /** As often as etcd. */
  private static final long PROBE_SECONDS = 4;

  private final Hello hello;
  private final ManagedChannel channel;
  private final EventLoop loop;
  private final Consumer<Status> broken;
  private final PeerMeter meter;
  private final MpscArrayQueue<PeerMessage> queue = new MpscArrayQueue<>(MAX_MESSAGES);
  private final AtomicLong queuedBytes = new AtomicLong();
  private final AtomicBoolean drainDue = new AtomicBoolean();
  private ClientCall<Outgoing, Welcome> call;
  private boolean welcome;
  private boolean closed;
  private long backoffMillis = FIRST_BACKOFF_MILLIS;

  /**
   * @param broken told, on the event loop, each time the stream ends or cannot be made
   */
  PeerLink(
      Hello hello,
      ManagedChannel channel,
      EventLoop loop,
      Consumer<Status> broken,
      PeerMeter meter) {
    this.meter = meter;
    this.hello = hello;
    this.channel = channel;
    this.loop = loop;
    this.broken = broken;
  }

  void start() {
    loop.execute(this::connect);
  }

  /** Any thread. Drops the message when too much waits. */
  void send(PeerMessage message) {
    int size = MessageCodec.size(message);
    if (queuedBytes.addAndGet(size) > MAX_BYTES || !queue.offer(message)) {
      queuedBytes.addAndGet(-size);
      meter.sendFailed();
      return;
    }
    if (drainDue.compareAndSet(false, true)) {
      loop.execute(this::drain);
    }
  }

  void close() {
    loop.execute(
        () -> {
          closed = true;
          meter.connected(false);
          if (call != null) {
            call.cancel("member gone or node stopping", null);
          }
          channel.shutdownNow();
        });
  }

  private void connect() {
    if (closed) {
      return;
    }
    welcome = false;
    var attempt = channel.newCall(PeerGrpc.getMessagesMethod(), CallOptions.DEFAULT);
    call = attempt;
    attempt.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(Welcome message) {
            if (!welcome) {
              welcome = true;
              meter.connected(true);
              loop.execute(() -> probe(attempt));
            }
            backoffMillis = FIRST_BACKOFF_MILLIS;
            attempt.request(1);
            drain();
          }

          @Override
          public void onReady() {
            drain();
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            loop.execute(() -> closed(attempt, status));
          }
        },
        new Metadata());
    attempt.request(1);
    attempt.sendMessage(Outgoing.newBuilder().setHello(hello).build());
  }

  /** Measures how long there and back takes, for as long as this stream is the one in use. */
  private void probe(ClientCall<Outgoing, Welcome> stream) {
    if (stream != call || closed) {
      return;
    }
    long begin = System.nanoTime();
    var ping =
        channel.newCall(
            PeerGrpc.getPingMethod(),
            CallOptions.DEFAULT.withDeadlineAfter(PROBE_SECONDS, TimeUnit.SECONDS));
    ping.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            if (status.isOk()) {
              meter.roundTrips().recordSince(begin);
            }
          }
        },
        new Metadata());
    ping.request(1);
    ping.sendMessage(PingRequest.getDefaultInstance());
    ping.halfClose();
    loop.schedule(() -> probe(stream), PROBE_SECONDS, TimeUnit.SECONDS);
  }

  private void closed(ClientCall<Outgoing, Welcome> attempt, Status status) {
    if (attempt != call || closed) {
      return;
    }
    call = null;
    meter.connected(false);
    meter.sendFailed();
    // What waits is old by the time there is a stream again; consensus sends anew.
    for (var old = queue.poll(); old != null; old = queue.poll()) {
      queuedBytes.addAndGet(-MessageCodec.size(old));
    }
    broken.accept(status);
    long wait = backoffMillis / 2 + ThreadLocalRandom.current().nextLong(backoffMillis / 2 + 1);
    backoffMillis = Math.min(backoffMillis * 2, MAX_BACKOFF_MILLIS);
    loop.schedule(
        () -> {
          // The channel has a back-off of its own, of a second and more; ours decides.
          channel.resetConnectBackoff();
          connect();
        },
        wait,
        TimeUnit.MILLISECONDS);
  }

  private void drain() {
    drainDue.set(false);
    if (call == null || !welcome) {
      return;
    }
    while (call.isReady()) {
      var batch = new ArrayList<PeerMessage>();
      int bytes = 0;
      for (var next = queue.peek(); next != null; next = queue.peek()) {
        int size = MessageCodec.size(next);
        if (bytes > 0 && bytes + size > MAX_FRAME_BYTES) {
          break;
        }
        queue.poll();
        queuedBytes.addAndGet(-size);
        bytes += size;
        batch.add(next);
      }
      if (batch.isEmpty()) {
        return;
      }
      var frame = UnsafeByteOperations.unsafeWrap(MessageCodec.encode(batch));
      meter.sent(frame.size());
      call.sendMessage(Outgoing.newBuilder().setFrame(frame).build());
    }
  }
}
