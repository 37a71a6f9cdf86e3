package dev.kelvin.checker.client;

import com.google.protobuf.MessageLite;
import dev.kelvin.checker.Operation.NotDone;
import dev.kelvin.checker.Operation.Result;
import dev.kelvin.checker.Operation.Unknown;
import dev.kelvin.checker.Request;
import dev.kelvin.client.Client;
import dev.kelvin.proto.etcdserverpb.KVGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.net.ConnectException;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A gRPC channel, and what a result means for a history. */
public final class GrpcEndpoint implements Endpoint, AutoCloseable {
  /** With these a node says that a request is certainly in no log. */
  public static final Set<String> CERTAINLY_NOT_DONE = Client.CERTAINLY_NOT_DONE;

  private final ManagedChannel channel;

  public GrpcEndpoint(String host, int port) {
    channel = NettyChannelBuilder.forAddress(host, port).usePlaintext().build();
  }

  /** Lets a channel that has tried in vain try again at once. */
  public void tryAgain() {
    channel.resetConnectBackoff();
  }

  /** The next request goes by a new connection: behind one address there may be many servers. */
  public void connectAnew() {
    channel.resetConnectBackoff();
    channel.enterIdle();
  }

  @Override
  public Result ask(Request request, long deadlineMillis) {
    try {
      return Messages.answered(send(request, deadlineMillis));
    } catch (StatusRuntimeException e) {
      return meaning(e);
    }
  }

  private MessageLite send(Request request, long deadlineMillis) {
    var kv =
        KVGrpc.newBlockingStub(channel).withDeadlineAfter(deadlineMillis, TimeUnit.MILLISECONDS);
    return switch (request) {
      case Request.Put put -> kv.put(Messages.put(put));
      case Request.Range range -> kv.range(Messages.range(range));
      case Request.DeleteRange delete -> kv.deleteRange(Messages.delete(delete));
      case Request.Txn txn -> kv.txn(Messages.txn(txn));
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
