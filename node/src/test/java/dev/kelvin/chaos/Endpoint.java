package dev.kelvin.chaos;

import com.google.protobuf.MessageLite;
import dev.kelvin.api.ApiError;
import dev.kelvin.process.NoAnswer;
import dev.kelvin.process.NodeProcess.Place;
import dev.kelvin.proto.etcdserverpb.KVGrpc;
import dev.kelvin.sim.Etcd;
import dev.kelvin.sim.checker.Operation.NotDone;
import dev.kelvin.sim.checker.Operation.Result;
import dev.kelvin.sim.checker.Operation.Unknown;
import dev.kelvin.sim.checker.Request;
import dev.kelvin.store.Outcome;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.net.ConnectException;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The clients' way to one node: a gRPC channel, and what a result means for a history. */
final class Endpoint implements AutoCloseable {
  /** With these a node says that a request is certainly in no log. */
  private static final Set<String> CERTAINLY_NOT_DONE =
      Stream.of(
              ApiError.NO_LEADER,
              ApiError.TOO_MANY_REQUESTS,
              ApiError.STOPPED,
              ApiError.LEARNER,
              ApiError.WAITING,
              ApiError.REMOVED)
          .map(ApiError::text)
          .collect(Collectors.toUnmodifiableSet());

  private final ManagedChannel channel;

  Endpoint(Place place) {
    channel =
        NettyChannelBuilder.forAddress(place.host(), place.clientPort()).usePlaintext().build();
  }

  /** Lets a channel that has tried in vain try again at once. */
  void tryAgain() {
    channel.resetConnectBackoff();
  }

  /**
   * One try.
   *
   * @throws StatusRuntimeException for an error that no fault explains
   */
  Result ask(Request request, long deadlineMillis) {
    try {
      return Etcd.result(new Outcome.Done(send(request, deadlineMillis)));
    } catch (StatusRuntimeException e) {
      return meaning(e);
    }
  }

  private MessageLite send(Request request, long deadlineMillis) {
    var kv =
        KVGrpc.newBlockingStub(channel).withDeadlineAfter(deadlineMillis, TimeUnit.MILLISECONDS);
    return switch (request) {
      case Request.Put put -> kv.put(Etcd.put(put));
      case Request.Range range -> kv.range(Etcd.range(range));
      case Request.DeleteRange delete -> kv.deleteRange(Etcd.delete(delete));
      case Request.Txn txn -> kv.txn(Etcd.txn(txn));
      case Request.Compact ignored ->
          throw new IllegalArgumentException("these clients compact nothing");
    };
  }

  private static Result meaning(StatusRuntimeException e) {
    var status = e.getStatus();
    var text = status.getCode() + " " + status.getDescription();
    if (CERTAINLY_NOT_DONE.contains(status.getDescription())
        // There was no connection to send it by.
        || NoAnswer.causedBy(ConnectException.class, e)) {
      return new NotDone(text);
    }
    if (NoAnswer.is(e) || status.getCode() == Status.Code.CANCELLED) {
      return new Unknown(text);
    }
    throw e;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
