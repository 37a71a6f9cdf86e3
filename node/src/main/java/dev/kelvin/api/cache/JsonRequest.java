package dev.kelvin.api.cache;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * One line of the JSON protocol, understood.
 *
 * @param id to be echoed; null for none
 * @param value of a put; else null
 * @param seconds to live, of a put; 0 for ever
 * @param redirect whether the client wants to be told who leads, rather than be served elsewhere
 */
record JsonRequest(
    Id id,
    Op op,
    ByteString key,
    ByteString value,
    long seconds,
    boolean base64,
    boolean redirect) {
  enum Op {
    GET,
    PUT,
    DELETE
  }

  /**
   * @param text of a number as it was written
   */
  record Id(String text, boolean number) {}

  /** Why a line cannot be understood. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Id id;

    Malformed(Id id, String message) {
      super(message, null, false, false);
      this.id = id;
    }

    /** As far as it was understood; else null. */
    Id id() {
      return id;
    }
  }

  /** Characters of an ID. */
  private static final int MAX_ID = 256;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          // Names come from clients: none is worth being kept.
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(MAX_ID)
                  .maxNestingDepth(2)
                  .build())
          .build();

  /**
   * @param line without its end
   */
  static JsonRequest parse(ByteBuffer line) throws Malformed {
    var parts = new Parts();
    CharBuffer text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(line);
    } catch (CharacterCodingException e) {
      throw parts.malformed("not UTF-8");
    }
    try (var json = JSON.createParser(text.array(), 0, text.limit())) {
      return parts.read(json);
    } catch (JsonProcessingException e) {
      throw parts.malformed("not JSON: " + e.getOriginalMessage().lines().findFirst().orElse(""));
    } catch (IOException e) {
      throw parts.malformed(e.getMessage());
    }
  }

  /** What was found so far. */
  private static final class Parts {
    private Id id;
    private String op;
    private String key;
    private String value;
    private Long seconds;
    private boolean base64;
    private boolean redirect;

    Malformed malformed(String message) {
      return new Malformed(id, message);
    }

    JsonRequest read(JsonParser json) throws IOException, Malformed {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw malformed("not a JSON object");
      }
      while (json.nextToken() != JsonToken.END_OBJECT) {
        var field = json.currentName();
        json.nextToken();
        field(field, json);
      }
      if (json.nextToken() != null) {
        throw malformed("more than one value on a line");
      }
      return request();
    }

    private void field(String field, JsonParser json) throws IOException, Malformed {
      switch (field) {
        case "id" -> id = id(json);
        case "op" -> op = text(field, json);
        case "key" -> key = text(field, json);
        case "value" -> value = text(field, json);
        case "ttl" -> seconds = seconds(json);
        case "encoding" -> base64 = base64(text(field, json));
        case "redirect" -> {
          if (!json.currentToken().isBoolean()) {
            throw malformed("redirect must be true or false");
          }
          redirect = json.getBooleanValue();
        }
        default -> throw malformed("unknown field " + shown(field));
      }
    }

    private Id id(JsonParser json) throws IOException, Malformed {
      var token = json.currentToken();
      if (token != JsonToken.VALUE_STRING && !token.isNumeric()) {
        throw malformed("id must be a string or a number");
      }
      var text = json.getText();
      if (text.length() > MAX_ID) {
        throw malformed("id must have at most " + MAX_ID + " characters");
      }
      return new Id(text, token.isNumeric());
    }

    private String text(String field, JsonParser json) throws IOException, Malformed {
      if (json.currentToken() != JsonToken.VALUE_STRING) {
        throw malformed(field + " must be a string");
      }
      return json.getText();
    }

    private long seconds(JsonParser json) throws IOException, Malformed {
      if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
          || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
          || json.getLongValue() < 0) {
        throw malformed("ttl must be a whole number of seconds, from 0");
      }
      return json.getLongValue();
    }

    private boolean base64(String encoding) throws Malformed {
      return switch (encoding) {
        case "utf8" -> false;
        case "base64" -> true;
        default -> throw malformed("encoding must be utf8 or base64");
      };
    }

    private JsonRequest request() throws Malformed {
      if (op == null) {
        throw malformed("op is missing: get, put or delete");
      }
      var kind =
          switch (op) {
            case "get" -> Op.GET;
            case "put" -> Op.PUT;
            case "delete" -> Op.DELETE;
            default -> throw malformed("unknown op " + shown(op) + ": must be get, put or delete");
          };
      if (key == null) {
        throw malformed("key is missing");
      }
      boolean put = kind == Op.PUT;
      if (put != (value != null)) {
        throw malformed(put ? "value is missing" : "value is for op put");
      }
      if (!put && seconds != null) {
        throw malformed("ttl is for op put");
      }
      return new JsonRequest(
          id,
          kind,
          bytes("key", key),
          put ? bytes("value", value) : null,
          seconds == null ? 0 : seconds,
          base64,
          redirect);
    }

    private ByteString bytes(String field, String text) throws Malformed {
      if (base64) {
        try {
          return ByteString.copyFrom(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
          throw malformed(field + " is not base64");
        }
      }
      try {
        return ByteString.copyFrom(
            StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text)));
      } catch (CharacterCodingException e) {
        throw malformed(field + " has half of a surrogate pair");
      }
    }

    private static String shown(String text) {
      return '"' + (text.length() > 40 ? text.substring(0, 40) + "..." : text) + '"';
    }
  }
}
