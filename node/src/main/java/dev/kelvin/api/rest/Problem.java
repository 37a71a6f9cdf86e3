package dev.kelvin.api.rest;

import dev.kelvin.api.ApiError;
import dev.kelvin.store.StoreError;
import io.vertx.core.http.HttpServerResponse;
import jakarta.ws.rs.core.Response;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An error as RFC 9457 has it: a status for machines, a text for people.
 *
 * @param members further ones of its JSON, numbers all of them
 * @param headers of the answer, beside its type
 */
record Problem(int status, String detail, Map<String, Long> members, Map<String, String> headers) {
  static final String TYPE = "application/problem+json";

  private static final Map<String, String> SOON = Map.of("Retry-After", "1");
  private static final ApiError COMPACTED = ApiError.of(StoreError.COMPACTED);

  Problem {
    members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
  }

  Problem(int status, String detail) {
    this(status, detail, Map.of(), status == 429 || status == 503 ? SOON : Map.of());
  }

  static Problem of(ApiError error) {
    return new Problem(status(error), error.text());
  }

  static Problem badRequest(String detail) {
    return new Problem(400, detail);
  }

  /** The usual translation of gRPC's codes into HTTP's, but where HTTP knows better. */
  private static int status(ApiError error) {
    if (error.equals(ApiError.TOO_LARGE)) {
      return 413;
    }
    if (error.equals(COMPACTED)) {
      return 410;
    }
    if (error.equals(ApiError.NO_SPACE)) {
      return 507;
    }
    if (error.equals(ApiError.LEARNER)) {
      // Another node serves it.
      return 503;
    }
    return switch (error.code()) {
      case 3, 9, 11 -> 400;
      case 5 -> 404;
      case 8 -> 429;
      case 14 -> 503;
      default -> 500;
    };
  }

  Problem with(String member, long value) {
    var more = new LinkedHashMap<>(members);
    more.put(member, value);
    return new Problem(status, detail, more, headers);
  }

  Problem withHeader(String name, String value) {
    var more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Problem(status, detail, members, more);
  }

  private String json() {
    var json = Entries.JSON.createObjectBuilder();
    json.add("status", status).add("title", title()).add("detail", detail);
    members.forEach(json::add);
    return json.build().toString();
  }

  private String title() {
    if (status == 507) {
      return "Insufficient Storage";
    }
    var reason = Response.Status.fromStatusCode(status);
    return reason == null ? "Error" : reason.getReasonPhrase();
  }

  Response response() {
    var response = Response.status(status).type(TYPE).entity(json());
    headers.forEach(response::header);
    return response.build();
  }

  /** The same, where the framework's resources are not in between. */
  void answer(HttpServerResponse response) {
    headers.forEach(response::putHeader);
    response.setStatusCode(status).putHeader("Content-Type", TYPE).end(json());
  }

  /** To be thrown by whoever decodes a request. */
  ProblemException exception() {
    return new ProblemException(this);
  }
}
