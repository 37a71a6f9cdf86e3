package dev.kelvin.checker.client;

import dev.kelvin.checker.Operation.Result;
import dev.kelvin.checker.Request;

/** A way to a server. */
public interface Endpoint {
  /**
   * One try.
   *
   * @throws io.grpc.StatusRuntimeException for an error that no fault explains
   */
  Result ask(Request request, long deadlineMillis);
}
