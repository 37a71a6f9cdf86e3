package dev.kelvin.api.etcd;

import com.google.protobuf.UnsafeByteOperations;
import dev.kelvin.api.ApiError;
import dev.kelvin.api.ApiLevel;
import dev.kelvin.proto.etcdserverpb.SnapshotResponse;
import dev.kelvin.store.NoSpaceException;
import dev.kelvin.store.SnapshotExport;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * One stream of etcdserverpb.Maintenance.Snapshot. A reader thread fills the outbox while there is
 * room, and is gone while there is none: a slow client holds no thread.
 */
final class SnapshotCall extends ServerCall.Listener<byte[]> implements Outbox.Owner {
  private static final Logger LOG = Logger.getLogger("kelvin.api");
  private static final int CHUNK_BYTES = 64 << 10;
  private static final int ABORTED = 10;
  private static final ApiError NOT_READ =
      new ApiError(ABORTED, "kelvin: the snapshot was given up, its reader takes nothing");

  private final ServerCall<byte[], byte[]> call;
  private final Executor readers;
  private final Supplier<SnapshotExport> copy;
  private final Runnable whenClosed;
  private final Outbox outbox;
  private ScheduledFuture<?> watch;
  private volatile boolean asked;

  // The rest under the lock.
  private SnapshotExport export;
  private SnapshotResponse pending;
  private boolean closed;

  /** Bytes that the client took, or had room for; -1 until there is a copy. */
  private volatile long taken = -1;

  /** Seen the last time, by the timer's thread. */
  private long takenBefore = -1;

  /**
   * @param readers that make and read the copy
   * @param copy makes it; null when there is nothing to copy any more
   * @param whenClosed called once, when the copy is gone
   */
  SnapshotCall(
      ServerCall<byte[], byte[]> call,
      Executor lane,
      Executor readers,
      Supplier<SnapshotExport> copy,
      Runnable whenClosed) {
    this.call = call;
    this.readers = readers;
    this.copy = copy;
    this.whenClosed = whenClosed;
    outbox = new Outbox(call, lane, this);
  }

  /**
   * Takes the request.
   *
   * @param patience for which a reader may take nothing
   */
  void begin(ScheduledExecutorService timer, Duration patience) {
    long millis = patience.toMillis();
    watch = timer.scheduleWithFixedDelay(this::look, millis, millis, TimeUnit.MILLISECONDS);
    call.request(1);
  }

  /** The request says nothing: that there is one is all. */
  @Override
  public void onHalfClose() {
    if (!asked) {
      asked = true;
      later(this::fill);
    }
  }

  @Override
  public void onCancel() {
    onComplete();
  }

  @Override
  public void onComplete() {
    watch.cancel(false);
    later(this::close);
  }

  @Override
  public void onReady() {
    outbox.ready();
  }

  @Override
  public void room() {
    later(this::fill);
  }

  @Override
  public void drained() {
    // Room is what counts.
  }

  /** The node stops: what is left of the copy goes with its store. */
  private void later(Runnable step) {
    try {
      readers.execute(step);
    } catch (RejectedExecutionException e) {
      outbox.cutOff(Statuses.of(ApiError.STOPPED));
    }
  }

  private void look() {
    // While the copy is made nobody can take anything.
    if (!asked || (taken >= 0 && taken == takenBefore)) {
      outbox.cutOff(Statuses.of(NOT_READ));
    }
    takenBefore = taken;
  }

  private synchronized void fill() {
    if (closed) {
      return;
    }
    try {
      if (export == null) {
        export = copy.get();
        if (export == null) {
          outbox.end(Statuses.of(ApiError.STOPPED));
          return;
        }
        taken = 0;
        LOG.infof(
            "snapshot of revision %d for a client: %d MiB",
            export.header().revision(), export.size() >> 20);
      }
      send();
    } catch (NoSpaceException e) {
      outbox.cutOff(Statuses.of(ApiError.NO_SPACE));
    } catch (IOException | IllegalStateException e) {
      LOG.infof("snapshot for a client broken off: %s", e.getMessage());
      outbox.cutOff(Statuses.of(ApiError.STOPPED));
    } catch (RuntimeException e) {
      LOG.error("snapshot for a client failed", e);
      outbox.cutOff(Statuses.of(ApiError.INTERNAL_ERROR));
    }
  }

  /** Until there is no room, or it is all there. */
  private void send() throws IOException {
    while (true) {
      if (pending == null) {
        var bytes = export.next(CHUNK_BYTES);
        if (bytes == null) {
          // As etcd: what is left does not count the digest.
          outbox.add(answer(export.digest()));
          outbox.end(Status.OK);
          return;
        }
        pending = answer(bytes);
      }
      if (!outbox.offer(pending)) {
        return;
      }
      taken = taken + pending.getBlob().size();
      pending = null;
    }
  }

  private SnapshotResponse answer(byte[] bytes) {
    return SnapshotResponse.newBuilder()
        .setRemainingBytes(export.remaining())
        .setBlob(UnsafeByteOperations.unsafeWrap(bytes))
        .setVersion(ApiLevel.STORAGE)
        .build();
  }

  private synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (export != null) {
        export.close();
      }
    } catch (IOException | RuntimeException e) {
      LOG.warnf("what a snapshot took is removed at the next start: %s", e);
    } finally {
      whenClosed.run();
    }
  }
}
