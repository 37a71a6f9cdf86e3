package dev.kelvin.api.rest;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.mvccpb.KeyValue;
import jakarta.json.Json;
import jakarta.json.JsonBuilderFactory;
import jakarta.json.JsonObjectBuilder;
import java.util.Base64;
import java.util.Map;

/**
 * Entries in JSON. A key or a value that is UTF-8 text is there as such ({@code key}, {@code
 * value}), one that is not in base64 ({@code keyBase64}, {@code valueBase64}).
 */
final class Entries {
  /** Made once: to look for an implementation costs more than most answers. */
  static final JsonBuilderFactory JSON = Json.createBuilderFactory(Map.of());

  private Entries() {}

  /**
   * @param value whether to tell it
   */
  static JsonObjectBuilder entry(KeyValue kv, boolean value) {
    var entry = JSON.createObjectBuilder();
    bytes(entry, "key", kv.getKey(), false);
    if (value) {
      bytes(entry, "value", kv.getValue(), false);
    }
    return revisions(entry, kv);
  }

  /** With base64 in any case, of text too. */
  static JsonObjectBuilder full(KeyValue kv) {
    var entry = JSON.createObjectBuilder();
    bytes(entry, "key", kv.getKey(), true);
    bytes(entry, "value", kv.getValue(), true);
    return revisions(entry, kv);
  }

  private static JsonObjectBuilder revisions(JsonObjectBuilder entry, KeyValue kv) {
    return entry
        .add("createRevision", kv.getCreateRevision())
        .add("modRevision", kv.getModRevision())
        .add("version", kv.getVersion())
        .add("lease", kv.getLease());
  }

  static void key(JsonObjectBuilder object, ByteString key) {
    bytes(object, "key", key, false);
  }

  private static void bytes(
      JsonObjectBuilder object, String name, ByteString bytes, boolean always) {
    boolean text = bytes.isValidUtf8();
    if (always || !text) {
      object.add(name + "Base64", Base64.getEncoder().encodeToString(bytes.toByteArray()));
    }
    if (text) {
      object.add(name, bytes.toStringUtf8());
    }
  }
}
