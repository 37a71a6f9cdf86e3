package dev.kelvin.api.cache;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Frames of the binary protocol, written by hand as docs/protocols.md has them. */
final class Bytes {
  private Bytes() {}

  static byte[] number(int number) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
  }

  static byte[] field(byte[] bytes) {
    return join(number(bytes.length), bytes);
  }

  static byte[] field(String text) {
    return field(text.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] set(String key, String value, int seconds) {
    return join(new byte[] {1}, field(key), field(value), number(seconds));
  }

  static byte[] get(String key) {
    return join(new byte[] {2}, field(key));
  }

  static byte[] joining(String name, String address) {
    return join(new byte[] {3}, field(name), field(address));
  }

  static byte[] found(String value) {
    return join(new byte[] {1}, field(value));
  }

  static byte[] status(int... statuses) {
    var bytes = new byte[statuses.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) statuses[i];
    }
    return bytes;
  }

  static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (var part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  static byte[] join(List<byte[]> parts) {
    return join(parts.toArray(byte[][]::new));
  }
}
