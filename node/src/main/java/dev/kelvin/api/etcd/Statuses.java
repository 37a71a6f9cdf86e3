package dev.kelvin.api.etcd;

import dev.kelvin.api.ApiError;
import io.grpc.Status;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The API's errors in gRPC's words. */
final class Statuses {
  // Bounded: errors are constants of the program.
  private static final Map<ApiError, Status> KNOWN = new ConcurrentHashMap<>();

  private Statuses() {}

  static Status of(ApiError error) {
    return KNOWN.computeIfAbsent(
        error, e -> Status.fromCodeValue(e.code()).withDescription(e.text()));
  }
}
