package dev.kelvin.api.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kelvin.api.ApiError;
import dev.kelvin.api.Exchange;
import dev.kelvin.store.Outcome;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;

/** One unary call of bytes against bytes: the thin edge between grpc-java and the handlers. */
final class Call extends ServerCall.Listener<byte[]> implements Exchange {
  /** What a method does with a request. */
  interface Method {
    void handle(byte[] request, Exchange exchange) throws InvalidProtocolBufferException;
  }

  /** The client wants a refusal rather than a wait while nobody leads. */
  private static final Metadata.Key<String> HAS_LEADER =
      Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

  private static final Logger LOG = Logger.getLogger(Call.class);

  private final ServerCall<byte[], byte[]> call;
  private final Method method;
  private final Answers answers;
  private final Executor lane;
  private final boolean requiresLeader;
  private byte[] request;
  private boolean answered;
  private Runnable abandoned;

  Call(
      ServerCall<byte[], byte[]> call,
      Metadata headers,
      Method method,
      Answers answers,
      Executor lane) {
    this.call = call;
    this.method = method;
    this.answers = answers;
    this.lane = lane;
    requiresLeader = requiresLeader(headers);
    // One more than there may be: a client that sends two is told so.
    call.request(2);
  }

  static boolean requiresLeader(Metadata headers) {
    return "true".equals(headers.get(HAS_LEADER));
  }

  @Override
  public void onMessage(byte[] message) {
    if (request != null) {
      close(Status.INTERNAL.withDescription("Too many requests"));
      return;
    }
    request = message;
  }

  @Override
  public void onHalfClose() {
    if (answered) {
      return;
    }
    if (request == null) {
      close(Status.INTERNAL.withDescription("Half-closed without a request"));
      return;
    }
    var bytes = request;
    request = null;
    try {
      method.handle(bytes, this);
    } catch (InvalidProtocolBufferException e) {
      refuse(ApiError.MALFORMED);
    } catch (RuntimeException e) {
      LOG.errorf(e, "Request of %s failed", call.getMethodDescriptor().getFullMethodName());
      refuse(ApiError.INTERNAL_ERROR);
    }
  }

  @Override
  public Executor lane() {
    return lane;
  }

  @Override
  public boolean requiresLeader() {
    return requiresLeader;
  }

  @Override
  public void whenAbandoned(Runnable action) {
    abandoned = action;
  }

  @Override
  public void onCancel() {
    if (abandoned != null && !answered) {
      answered = true;
      abandoned.run();
    }
  }

  @Override
  public void done(Outcome outcome) {
    if (answered || call.isCancelled()) {
      return;
    }
    var bytes = answers.encode(outcome);
    answered = true;
    call.sendHeaders(new Metadata());
    call.sendMessage(bytes);
    call.close(Status.OK, new Metadata());
  }

  @Override
  public void refuse(ApiError error) {
    close(Statuses.of(error));
  }

  private void close(Status status) {
    if (!answered && !call.isCancelled()) {
      answered = true;
      call.close(status, new Metadata());
    }
  }
}
