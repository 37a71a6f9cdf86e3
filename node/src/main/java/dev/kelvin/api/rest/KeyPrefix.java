package dev.kelvin.api.rest;

import com.google.protobuf.ByteString;

/** All keys that begin with some bytes, as a range of the API. */
record KeyPrefix(ByteString bytes) {
  static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

  /** First key of the range. */
  ByteString from() {
    return bytes.isEmpty() ? ZERO : bytes;
  }

  /** First key after the range; one zero byte for no end. */
  ByteString end() {
    for (int last = bytes.size() - 1; last >= 0; last--) {
      if (bytes.byteAt(last) != (byte) 0xff) {
        var end = bytes.substring(0, last + 1).toByteArray();
        end[last]++;
        return ByteString.copyFrom(end);
      }
    }
    return ZERO;
  }
}
