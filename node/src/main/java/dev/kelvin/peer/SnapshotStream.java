package dev.kelvin.peer;

import dev.kelvin.proto.peer.PeerGrpc;
import dev.kelvin.proto.peer.SnapshotAnswer;
import dev.kelvin.proto.peer.SnapshotPart;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** One stream by which a snapshot is sent, for one thread that may block. */
final class SnapshotStream implements ClientResponseObserver<SnapshotPart, SnapshotAnswer> {
  /** The member ended the stream, and would end the next one too. */
  static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    RefusedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private final long patienceNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private final ArrayDeque<SnapshotAnswer> answers = new ArrayDeque<>();
  private Throwable end;
  private ClientCallStreamObserver<SnapshotPart> out;

  private SnapshotStream(long patienceNanos) {
    this.patienceNanos = patienceNanos;
  }

  /**
   * @param patienceNanos without any progress for so long the stream has failed
   */
  static SnapshotStream open(Channel channel, long patienceNanos) {
    var stream = new SnapshotStream(patienceNanos);
    PeerGrpc.newStub(channel).sendSnapshot(stream);
    return stream;
  }

  /** Sends when the member takes more. */
  void put(SnapshotPart part) throws IOException, InterruptedException {
    lock.lock();
    try {
      long left = patienceNanos;
      while (end == null && !out.isReady()) {
        if (left <= 0) {
          throw new IOException("the member takes nothing any more");
        }
        left = news.awaitNanos(left);
      }
      checkEnd();
    } finally {
      lock.unlock();
    }
    out.onNext(part);
  }

  SnapshotAnswer answer() throws IOException, InterruptedException {
    lock.lock();
    try {
      long left = patienceNanos;
      while (end == null && answers.isEmpty()) {
        if (left <= 0) {
          throw new IOException("the member does not answer");
        }
        left = news.awaitNanos(left);
      }
      if (answers.isEmpty()) {
        checkEnd();
      }
      return answers.poll();
    } finally {
      lock.unlock();
    }
  }

  private void checkEnd() throws IOException {
    if (end instanceof StatusRuntimeException e) {
      var status = e.getStatus();
      var why =
          status.getDescription() == null ? status.getCode().toString() : status.getDescription();
      throw switch (status.getCode()) {
        case UNAVAILABLE, ABORTED, DATA_LOSS, CANCELLED, INTERNAL, UNKNOWN ->
            new IOException(why, e);
        default -> new RefusedException(why, e);
      };
    }
    if (end != null) {
      throw new IOException(end.getMessage(), end);
    }
  }

  private void tell(Runnable what) {
    lock.lock();
    try {
      what.run();
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<SnapshotPart> stream) {
    out = stream;
    stream.setOnReadyHandler(() -> tell(() -> {}));
  }

  @Override
  public void onNext(SnapshotAnswer answer) {
    tell(() -> answers.add(answer));
  }

  @Override
  public void onError(Throwable error) {
    tell(() -> end = error);
  }

  @Override
  public void onCompleted() {
    tell(() -> end = new IOException("the member ended the stream"));
  }
}
