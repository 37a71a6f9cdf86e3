package dev.kelvin.checker.client;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.channels.ClosedChannelException;

/** What a client sees of a node that dies, hangs or cannot be reached: it may try again. */
public final class NoAnswer {
  private NoAnswer() {}

  public static boolean is(StatusRuntimeException e) {
    var code = e.getStatus().getCode();
    return code == Status.Code.UNAVAILABLE
        || code == Status.Code.DEADLINE_EXCEEDED
        // grpc-java's word for a connection that breaks while a request is written to it.
        || (code == Status.Code.UNKNOWN && causedBy(ClosedChannelException.class, e));
  }

  public static boolean causedBy(Class<? extends Throwable> kind, StatusRuntimeException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (kind.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }
}
