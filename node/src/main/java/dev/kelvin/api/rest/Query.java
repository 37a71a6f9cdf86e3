package dev.kelvin.api.rest;

import com.google.protobuf.ByteString;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The parameters of a request, whose values may be any bytes. One that is not known is refused: a
 * misspelt time to live must not be none. Faults are thrown as {@link ProblemException}.
 */
final class Query {
  private final Map<String, ByteString> values = new HashMap<>();

  private Query() {}

  static Query of(HttpServerRequest request, String... known) {
    return of(request.query(), known);
  }

  /**
   * @param raw null for none
   */
  static Query of(String raw, String... known) {
    var query = new Query();
    if (raw == null) {
      return query;
    }
    for (var parameter : raw.split("&")) {
      if (parameter.isEmpty()) {
        continue;
      }
      int equals = parameter.indexOf('=');
      var name = PercentCode.query(equals < 0 ? parameter : parameter.substring(0, equals));
      var value = PercentCode.query(equals < 0 ? "" : parameter.substring(equals + 1));
      if (query.values.put(name.toStringUtf8(), value) != null) {
        throw Problem.badRequest("given twice: " + name.toStringUtf8()).exception();
      }
    }
    var unknown = new TreeSet<>(query.values.keySet());
    List.of(known).forEach(unknown::remove);
    if (!unknown.isEmpty()) {
      var list = known.length == 0 ? "none" : String.join(", ", known);
      throw Problem.badRequest(
              "no such parameter: " + String.join(", ", unknown) + " (there are: " + list + ")")
          .exception();
    }
    return query;
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  /** Empty if it is not there. */
  ByteString bytes(String name) {
    return values.getOrDefault(name, ByteString.EMPTY);
  }

  /** A parameter that needs no value: {@code ?json}. */
  boolean flag(String name) {
    var value = values.get(name);
    if (value == null) {
      return false;
    }
    return switch (value.toStringUtf8()) {
      case "", "true" -> true;
      case "false" -> false;
      default -> throw Problem.badRequest(name + " must be true or false").exception();
    };
  }

  /**
   * @param otherwise if it is not there
   */
  long number(String name, long min, long max, long otherwise) {
    var value = values.get(name);
    if (value == null) {
      return otherwise;
    }
    try {
      var text = value.toStringUtf8();
      if (text.matches("\\d{1,19}")) {
        long number = Long.parseLong(text);
        if (number >= min && number <= max) {
          return number;
        }
      }
    } catch (NumberFormatException e) {
      // Of 19 digits, and more than there is.
      throw range(name, min, max).exception();
    }
    throw range(name, min, max).exception();
  }

  private static Problem range(String name, long min, long max) {
    var limit = max == Long.MAX_VALUE ? "of at least " + min : "from " + min + " to " + max;
    return Problem.badRequest(name + " must be a number " + limit);
  }

  /** Whether to answer with what this node has, which may be old. */
  boolean serializable() {
    var consistency = bytes("consistency").toStringUtf8();
    if (has("consistency") && !Set.of("linearizable", "serializable").contains(consistency)) {
      throw Problem.badRequest("consistency must be linearizable or serializable").exception();
    }
    return consistency.equals("serializable") || flag("serializable");
  }
}
