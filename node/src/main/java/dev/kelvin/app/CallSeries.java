package dev.kelvin.app;

import static dev.kelvin.app.Exposition.Type.COUNTER;
import static dev.kelvin.app.Exposition.Type.HISTOGRAM;

import dev.kelvin.api.etcd.CallMeters;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;

/** The client port's calls under the names of the Go library that etcd counts them with. */
final class CallSeries {
  private CallSeries() {}

  static void write(Exposition page, CallMeters calls) {
    page.counter(
        "etcd_network_client_grpc_received_bytes_total",
        "Bytes of messages from clients.",
        calls.receivedBytes());
    page.counter(
        "etcd_network_client_grpc_sent_bytes_total",
        "Bytes of messages to clients.",
        calls.sentBytes());
    var methods = calls.methods();
    page.family(COUNTER, "grpc_server_started_total", "Calls begun.");
    methods.forEach(m -> page.value(m.started(), labels(m)));
    page.family(COUNTER, "grpc_server_msg_received_total", "Messages from clients.");
    methods.forEach(m -> page.value(m.received(), labels(m)));
    page.family(COUNTER, "grpc_server_msg_sent_total", "Messages to clients.");
    methods.forEach(m -> page.value(m.sent(), labels(m)));
    page.family(COUNTER, "grpc_server_handled_total", "Calls ended, well or not.");
    for (var method : methods) {
      for (var code : Status.Code.values()) {
        page.value(
            method.handled(code),
            "grpc_code",
            name(code),
            "grpc_method",
            method.name(),
            "grpc_service",
            method.service(),
            "grpc_type",
            name(method.type()));
      }
    }
    page.family(HISTOGRAM, "grpc_server_handling_seconds", "Time from a unary call to its end.");
    for (var method : methods) {
      if (method.type() == MethodType.UNARY) {
        page.value(method.seconds().snapshot(), labels(method));
      }
    }
  }

  private static String[] labels(CallMeters.Method method) {
    return new String[] {
      "grpc_method",
      method.name(),
      "grpc_service",
      method.service(),
      "grpc_type",
      name(method.type())
    };
  }

  private static String name(MethodType type) {
    return switch (type) {
      case UNARY -> "unary";
      case CLIENT_STREAMING -> "client_stream";
      case SERVER_STREAMING -> "server_stream";
      case BIDI_STREAMING, UNKNOWN -> "bidi_stream";
    };
  }

  /** As Go's String has it. */
  private static String name(Status.Code code) {
    return switch (code) {
      case OK -> "OK";
      case CANCELLED -> "Canceled";
      case UNKNOWN -> "Unknown";
      case INVALID_ARGUMENT -> "InvalidArgument";
      case DEADLINE_EXCEEDED -> "DeadlineExceeded";
      case NOT_FOUND -> "NotFound";
      case ALREADY_EXISTS -> "AlreadyExists";
      case PERMISSION_DENIED -> "PermissionDenied";
      case RESOURCE_EXHAUSTED -> "ResourceExhausted";
      case FAILED_PRECONDITION -> "FailedPrecondition";
      case ABORTED -> "Aborted";
      case OUT_OF_RANGE -> "OutOfRange";
      case UNIMPLEMENTED -> "Unimplemented";
      case INTERNAL -> "Internal";
      case UNAVAILABLE -> "Unavailable";
      case DATA_LOSS -> "DataLoss";
      case UNAUTHENTICATED -> "Unauthenticated";
    };
  }
}
