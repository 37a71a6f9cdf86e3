package dev.kelvin.api.rest;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;

/** Percent-encoding (RFC 3986) of any bytes, text or not. */
final class PercentCode {
  private PercentCode() {}

  /** Part of a path. */
  static ByteString path(String raw) {
    return decode(raw, false);
  }

  /** Part of a query, where a plus is a space. */
  static ByteString query(String raw) {
    return decode(raw, true);
  }

  private static ByteString decode(String raw, boolean form) {
    var bytes = new ByteArrayOutputStream(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c == '%') {
        int high = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 1), 16) : -1;
        int low = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0) {
          throw Problem.badRequest("not percent-encoded: " + raw).exception();
        }
        bytes.write(high << 4 | low);
        i += 2;
      } else if (c == '+' && form) {
        bytes.write(' ');
      } else if (c < 0x100) {
        // The server reads a byte as a character.
        bytes.write(c);
      } else {
        throw Problem.badRequest("not percent-encoded: " + raw).exception();
      }
    }
    return ByteString.copyFrom(bytes.toByteArray());
  }
}
