package dev.kelvin.api.etcd;

import dev.kelvin.api.ApiError;
import dev.kelvin.api.Requests;
import dev.kelvin.member.Node;
import dev.kelvin.store.SnapshotExport;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;

/**
 * etcdserverpb.Maintenance.Snapshot: the state of this node as of one moment, a learner's too. Each
 * copy keeps files that the store would else have dropped, so there are few at a time.
 */
final class SnapshotService implements AutoCloseable {
  static final int AT_ONCE = 2;

  /** A client that takes nothing for so long gets no more. */
  static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final int RESOURCE_EXHAUSTED = 8;

  /** Ours: etcd has no bound. */
  static final ApiError TOO_MANY =
      new ApiError(
          RESOURCE_EXHAUSTED,
          "kelvin: "
              + AT_ONCE
              + " snapshots are being read from this node already; try again later");

  private final Node node;
  private final Requests requests;
  private final Lanes lanes;
  private final ScheduledExecutorService timer;
  private final Semaphore places = new Semaphore(AT_ONCE);

  /** Makes and reads copies, which takes the disk's time. */
  private final ExecutorService readers =
      Executors.newFixedThreadPool(AT_ONCE, new DefaultThreadFactory("snapshot", true));

  SnapshotService(Node node, Requests requests, Lanes lanes, ScheduledExecutorService timer) {
    this.node = node;
    this.requests = requests;
    this.lanes = lanes;
    this.timer = timer;
  }

  Map<String, ServerCallHandler<byte[], byte[]>> streams() {
    return Map.of("Snapshot", this::open);
  }

  private ServerCall.Listener<byte[]> open(ServerCall<byte[], byte[]> call, Metadata headers) {
    var error = requests.admit(Call.requiresLeader(headers), true);
    if (error == null && !places.tryAcquire()) {
      error = TOO_MANY;
    }
    if (error != null) {
      call.close(Statuses.of(error), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    var opened = new SnapshotCall(call, lanes.current(), readers, this::export, places::release);
    opened.begin(timer, PATIENCE);
    return opened;
  }

  /** Null when this node stops, or ceased to be a member. */
  private SnapshotExport export() {
    var reader = node.reader();
    return reader == null ? null : reader.export(System.currentTimeMillis(), node.version());
  }

  @Override
  public void close() {
    readers.shutdown();
  }
}
