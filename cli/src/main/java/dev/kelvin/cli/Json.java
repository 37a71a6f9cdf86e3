package dev.kelvin.cli;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;
import dev.kelvin.proto.mvccpb.KeyValue;
import java.util.Base64;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Writes a JSON object as etcdctl does: no spaces, bytes in base64, nothing that is 0 or empty. */
final class Json {
  private final StringBuilder text = new StringBuilder("{");

  static Json withHeader(ResponseHeader header) {
    return new Json().object("header", h -> h.header(header));
  }

  /** As etcdctl has answers about leases: the header's fields among the others. */
  static Json besideHeader(ResponseHeader header) {
    return new Json().header(header);
  }

  private Json header(ResponseHeader header) {
    return unsigned("cluster_id", header.getClusterId())
        .unsigned("member_id", header.getMemberId())
        .number("revision", header.getRevision())
        .unsigned("raft_term", header.getRaftTerm());
  }

  private Json name(String name) {
    if (text.length() > 1) {
      text.append(',');
    }
    text.append('"').append(name).append("\":");
    return this;
  }

  Json number(String name, long value) {
    if (value != 0) {
      name(name).text.append(value);
    }
    return this;
  }

  /** Also if it is 0. */
  Json always(String name, long value) {
    name(name).text.append(value);
    return this;
  }

  Json none(String name) {
    name(name).text.append("null");
    return this;
  }

  Json unsigned(String name, long value) {
    if (value != 0) {
      name(name).text.append(Long.toUnsignedString(value));
    }
    return this;
  }

  Json flag(String name, boolean value) {
    if (value) {
      name(name).text.append("true");
    }
    return this;
  }

  Json string(String name, String value) {
    if (!value.isEmpty()) {
      name(name).quote(value);
    }
    return this;
  }

  /** Also if it is empty. */
  Json always(String name, String value) {
    name(name).quote(value);
    return this;
  }

  Json strings(String name, List<String> values) {
    if (!values.isEmpty()) {
      name(name).text.append('[');
      for (int i = 0; i < values.size(); i++) {
        text.append(i == 0 ? "" : ",");
        quote(values.get(i));
      }
      text.append(']');
    }
    return this;
  }

  Json bytes(String name, ByteString value) {
    if (!value.isEmpty()) {
      name(name).text.append('"').append(base64(value)).append('"');
    }
    return this;
  }

  static String base64(ByteString value) {
    return Base64.getEncoder().encodeToString(value.toByteArray());
  }

  Json object(String name, Consumer<Json> content) {
    var json = new Json();
    content.accept(json);
    return object(name, json);
  }

  Json object(String name, Json object) {
    name(name).text.append(object);
    return this;
  }

  Json emptyList(String name) {
    name(name).text.append("[]");
    return this;
  }

  <T> Json objects(String name, List<T> values, BiConsumer<Json, T> content) {
    if (!values.isEmpty()) {
      name(name).text.append('[');
      for (int i = 0; i < values.size(); i++) {
        var json = new Json();
        content.accept(json, values.get(i));
        text.append(i == 0 ? "" : ",").append(json);
      }
      text.append(']');
    }
    return this;
  }

  static void keyValue(Json json, KeyValue kv) {
    json.bytes("key", kv.getKey())
        .number("create_revision", kv.getCreateRevision())
        .number("mod_revision", kv.getModRevision())
        .number("version", kv.getVersion())
        .bytes("value", kv.getValue())
        .number("lease", kv.getLease());
  }

  private void quote(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < ' ') {
        text.append("\\u00")
            .append(Character.forDigit(c >> 4, 16))
            .append(Character.forDigit(c & 15, 16));
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }

  /** The whole object. */
  @Override
  public String toString() {
    return text + "}";
  }
}
