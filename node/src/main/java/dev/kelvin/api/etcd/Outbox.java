package dev.kelvin.api.etcd;

import com.google.protobuf.MessageLite;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/**
 * What a stream still has to say to its client. Any thread adds; one task at a time sends, on the
 * call's event loop, and only while the client reads.
 */
final class Outbox {
  /** Answers beyond it are not taken, where that can be chosen. */
  private static final int MAX_BYTES = 1 << 20;

  /** Hears how it goes, on the event loop. */
  interface Owner {
    /** There is room after {@link #offer} said no. */
    void room();

    /** What the client is ready for was sent. */
    void drained();
  }

  private final ServerCall<byte[], byte[]> call;
  private final Executor lane;
  private final Owner owner;
  private final ArrayDeque<MessageLite> answers = new ArrayDeque<>();
  private long bytes;
  private boolean refused;
  private boolean sending;
  private Status end;
  private boolean started;
  private volatile boolean ended;

  Outbox(ServerCall<byte[], byte[]> call, Executor lane, Owner owner) {
    this.call = call;
    this.lane = lane;
    this.owner = owner;
  }

  /** Takes an answer if there is room. */
  synchronized boolean offer(MessageLite answer) {
    if (bytes >= MAX_BYTES) {
      refused = true;
      return false;
    }
    add(answer);
    return true;
  }

  /** Takes an answer in any case; its sender must be bounded otherwise. */
  synchronized void add(MessageLite answer) {
    if (end == null) {
      answers.add(answer);
      bytes += answer.getSerializedSize();
      send();
    }
  }

  /** Whether more than a few answers wait for the client. */
  synchronized boolean crowded() {
    return bytes >= MAX_BYTES || answers.size() >= 1024;
  }

  /** Whether all is sent. */
  synchronized boolean empty() {
    return answers.isEmpty();
  }

  /** Ends the call when all that was added before is sent; only the first end counts. */
  synchronized void end(Status status) {
    if (end == null) {
      end = status;
      send();
    }
  }

  /** Ends the call now, whatever waits. */
  synchronized void cutOff(Status status) {
    answers.clear();
    bytes = 0;
    end(status);
  }

  /** The client may read more. */
  synchronized void ready() {
    send();
  }

  private void send() {
    if (!sending) {
      sending = true;
      lane.execute(this::drain);
    }
  }

  private void drain() {
    while (true) {
      MessageLite answer;
      Status last;
      boolean tell;
      synchronized (this) {
        boolean mayWrite = !ended && !call.isCancelled() && call.isReady();
        answer = mayWrite ? answers.poll() : null;
        if (answer != null) {
          bytes -= answer.getSerializedSize();
        }
        last = !ended && answers.isEmpty() && answer == null ? end : null;
        ended |= last != null;
        tell = refused && bytes < MAX_BYTES / 2;
        refused &= !tell;
        sending = answer != null;
      }
      if (answer != null) {
        start();
        call.sendMessage(answer.toByteArray());
      }
      if (tell) {
        owner.room();
      }
      if (last != null && !call.isCancelled()) {
        call.close(last, new Metadata());
      }
      if (answer == null) {
        owner.drained();
        return;
      }
    }
  }

  /** As etcd's, headers go with the first answer. */
  private void start() {
    if (!started) {
      started = true;
      call.sendHeaders(new Metadata());
    }
  }
}
