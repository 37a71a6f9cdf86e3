package dev.kelvin.api.cache;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.google.protobuf.ByteString;
import dev.kelvin.api.ApiError;
import dev.kelvin.store.Outcome;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** A request of the JSON protocol: answered by an object on a line. */
abstract class JsonOperation extends Operation {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8).build();

  /** What an answer says behind the ID. */
  interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  private final JsonRequest.Id id;
  private Fields fields;
  private DoorMeter.Result result;

  JsonOperation(
      Connection connection, JsonRequest.Id id, ByteString key, boolean write, int size, int held) {
    super(connection, key, write, size, held);
    this.id = id;
  }

  final void answer(DoorMeter.Result known, Fields said) {
    if (!answered()) {
      result = known;
      fields = said;
      answer();
    }
  }

  @Override
  public final void refuse(ApiError error) {
    refuse(code(error), error.text(), json -> {});
  }

  final void refuse(String code, String message, Fields more) {
    answer(
        DoorMeter.Result.ERROR,
        json -> {
          json.writeObjectFieldStart("error");
          json.writeStringField("code", code);
          json.writeStringField("message", message);
          more.write(json);
          json.writeEndObject();
        });
  }

  @Override
  public void done(Outcome outcome) {
    throw new IllegalStateException("asked for nothing");
  }

  /** The name of gRPC's status code, in lower case. */
  private static String code(ApiError error) {
    return switch (error.code()) {
      case 3 -> "invalid_argument";
      case 5 -> "not_found";
      case 8 -> "resource_exhausted";
      case 9 -> "failed_precondition";
      case 11 -> "out_of_range";
      case 13 -> "internal";
      case 14 -> "unavailable";
      case 15 -> "data_loss";
      default -> "unknown";
    };
  }

  @Override
  final DoorMeter.Result result() {
    return result;
  }

  @Override
  final void encode(ByteBuf out) {
    OutputStream to = new ByteBufOutputStream(out);
    try (var json = JSON.createGenerator(to, JsonEncoding.UTF8)) {
      json.writeStartObject();
      if (id != null && id.number()) {
        json.writeFieldName("id");
        json.writeNumber(id.text());
      } else if (id != null) {
        json.writeStringField("id", id.text());
      }
      fields.write(json);
      json.writeEndObject();
      json.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A line that cannot be carried out; answered already. */
  static final class Refused extends JsonOperation {
    Refused(Connection connection, JsonRequest.Id id, String code, String message, int held) {
      super(connection, id, null, false, 0, held);
      refuse(code, message, json -> {});
    }

    @Override
    void begin() {
      throw new IllegalStateException("answered before");
    }
  }
}
