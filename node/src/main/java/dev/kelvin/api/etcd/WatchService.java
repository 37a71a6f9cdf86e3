package dev.kelvin.api.etcd;

import dev.kelvin.api.ApiError;
import dev.kelvin.api.Requests;
import dev.kelvin.member.Node;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** etcdserverpb.Watch: opens streams, and has them say how far they are from time to time. */
final class WatchService {
  private final Node node;
  private final Requests requests;
  private final Answers answers;
  private final Lanes lanes;
  private final StreamSettings settings;
  private final int answerBytes;
  private final ScheduledExecutorService timer;

  private final LeaderMonitor leader;

  /**
   * @param answerBytes of an answer at most, where a client takes parts
   */
  WatchService(
      Node node,
      Requests requests,
      Answers answers,
      Lanes lanes,
      StreamSettings settings,
      int answerBytes,
      LeaderMonitor leader,
      ScheduledExecutorService timer) {
    this.node = node;
    this.requests = requests;
    this.answers = answers;
    this.lanes = lanes;
    this.settings = settings;
    this.answerBytes = answerBytes;
    this.leader = leader;
    this.timer = timer;
  }

  Map<String, ServerCallHandler<byte[], byte[]>> streams() {
    return Map.of("Watch", this::watch);
  }

  private ServerCall.Listener<byte[]> watch(ServerCall<byte[], byte[]> call, Metadata headers) {
    boolean needsLeader = Call.requiresLeader(headers);
    var error = requests.admit(needsLeader, false);
    var watches = node.watches();
    if (error != null || watches == null) {
      return refuse(call, error == null ? ApiError.STOPPED : error);
    }
    long interval = settings.progressInterval().toMillis();
    long jitter = ThreadLocalRandom.current().nextLong(Math.max(1, interval / 10));
    var opened = new WatchCall(call, lanes.current(), answers, answerBytes);
    var stream = watches.open(opened);
    if (stream.isEmpty()) {
      return refuse(call, ApiError.STOPPED);
    }
    var ticks =
        timer.scheduleWithFixedDelay(
            opened::progressDue, interval + jitter, interval + jitter, TimeUnit.MILLISECONDS);
    if (needsLeader) {
      leader.add(opened);
    }
    opened.begin(
        stream.get(),
        () -> {
          ticks.cancel(false);
          leader.remove(opened);
        });
    return opened;
  }

  private static ServerCall.Listener<byte[]> refuse(
      ServerCall<byte[], byte[]> call, ApiError error) {
    call.close(Statuses.of(error), new Metadata());
    return new ServerCall.Listener<>() {};
  }
}
