package dev.kelvin.api.rest;

import dev.kelvin.api.ApiError;
import jakarta.json.Json;
import jakarta.ws.rs.core.Response;

/** Errors as RFC 9457 problems: a status for machines, a text for people. */
final class Problems {
  private static final String TYPE = "application/problem+json";

  private Problems() {}

  static Response of(ApiError error) {
    return problem(status(error), error.text());
  }

  static Response notFound(String key) {
    return problem(404, "no such key: " + key);
  }

  /** The usual translation of gRPC's codes into HTTP's. */
  private static int status(ApiError error) {
    if (error.equals(ApiError.TOO_LARGE)) {
      return 413;
    }
    return switch (error.code()) {
      case 3, 9, 11 -> 400;
      case 5 -> 404;
      case 8 -> 429;
      case 14 -> 503;
      default -> 500;
    };
  }

  private static Response problem(int status, String detail) {
    var reason = Response.Status.fromStatusCode(status);
    var body =
        Json.createObjectBuilder()
            .add("status", status)
            .add("title", reason == null ? "Error" : reason.getReasonPhrase())
            .add("detail", detail)
            .build();
    return Response.status(status).type(TYPE).entity(body.toString()).build();
  }
}
