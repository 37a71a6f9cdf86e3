package dev.kelvin.cli;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;

/** How bytes and numbers are shown to people. */
final class Bytes {
  private Bytes() {}

  /** On one line: as it is if that is readable, else with escapes as txn reads them. */
  static String readable(ByteString bytes) {
    if (!bytes.isValidUtf8()) {
      return escaped(bytes);
    }
    var text = bytes.toString(StandardCharsets.UTF_8);
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        return escaped(bytes);
      }
    }
    return text;
  }

  private static String escaped(ByteString bytes) {
    var text = new StringBuilder();
    for (byte b : bytes) {
      if (b >= ' ' && b < 0x7f) {
        text.append(b == '\\' ? "\\" : "").append((char) b);
      } else {
        hex(text, b);
      }
    }
    return text.toString();
  }

  static String hex(ByteString bytes) {
    var text = new StringBuilder();
    for (byte b : bytes) {
      hex(text, b);
    }
    return text.toString();
  }

  private static void hex(StringBuilder text, byte b) {
    text.append("\\x")
        .append(Character.forDigit(b >> 4 & 15, 16))
        .append(Character.forDigit(b & 15, 16));
  }

  /** As etcdctl shows IDs of members. */
  static String id(long id) {
    return Long.toHexString(id);
  }

  /** As etcdctl shows leases: 16 digits. */
  static String lease(long id) {
    var digits = Long.toHexString(id);
    return "0".repeat(16 - digits.length()) + digits;
  }

  /** With a unit, to one decimal. */
  static String size(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double size = bytes;
    var unit = "";
    for (var next : new String[] {"KiB", "MiB", "GiB", "TiB"}) {
      if (size < 1024) {
        break;
      }
      size /= 1024;
      unit = next;
    }
    return Math.round(size * 10) / 10.0 + " " + unit;
  }
}
