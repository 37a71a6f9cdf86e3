package dev.kelvin.api.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kelvin.api.ApiError;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/** A call with one request and a stream of answers. */
abstract class AnswerStream extends ServerCall.Listener<byte[]>
    implements Outbox.Owner, LeaderMonitor.Stream {
  final Executor lane;
  final Outbox outbox;
  private final LeaderMonitor leader;
  private byte[] request;
  private boolean begun;

  /**
   * @param leader forgets the call when it is over
   */
  AnswerStream(ServerCall<byte[], byte[]> call, Executor lane, LeaderMonitor leader) {
    this.lane = lane;
    this.leader = leader;
    outbox = new Outbox(call, lane, this);
    // One more than there may be: a client that sends two is told so.
    call.request(2);
  }

  /**
   * Takes a call, or refuses it.
   *
   * @param refusal why not, by whether the client needs a leader
   */
  static ServerCall.Listener<byte[]> open(
      ServerCall<byte[], byte[]> call,
      Metadata headers,
      Function<Boolean, ApiError> refusal,
      LeaderMonitor leader,
      Supplier<AnswerStream> stream) {
    boolean needsLeader = Call.requiresLeader(headers);
    var error = refusal.apply(needsLeader);
    if (error != null) {
      call.close(Statuses.of(error), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    var opened = stream.get();
    if (needsLeader) {
      leader.add(opened);
    }
    return opened;
  }

  /** Begins to answer. */
  abstract void begin(byte[] message) throws InvalidProtocolBufferException;

  /** Ends what was begun; perhaps more than once. */
  abstract void stop();

  @Override
  public void onMessage(byte[] message) {
    if (request != null || begun) {
      outbox.cutOff(Status.INTERNAL.withDescription("Too many requests"));
    }
    request = message;
  }

  @Override
  public void onHalfClose() {
    var message = request;
    request = null;
    begun = true;
    if (message == null) {
      outbox.cutOff(Status.INTERNAL.withDescription("Half-closed without a request"));
      return;
    }
    try {
      begin(message);
    } catch (InvalidProtocolBufferException e) {
      outbox.cutOff(Statuses.of(ApiError.MALFORMED));
    }
  }

  @Override
  public void onCancel() {
    onComplete();
  }

  @Override
  public void onComplete() {
    stop();
    leader.remove(this);
  }

  @Override
  public void onReady() {
    outbox.ready();
  }

  /** Ends the stream without waiting for what was to be sent; any thread. */
  @Override
  public void end(ApiError error) {
    outbox.cutOff(Statuses.of(error));
    lane.execute(this::stop);
  }
}
