package dev.kelvin.api.rest;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.zip.CRC32C;

/**
 * Where a listing goes on. Opaque to clients: base64 of a format's number (1 byte), the revision
 * (8), the length of the prefix (4), the prefix, the next key, and a checksum of all that (4).
 *
 * @param revision that all pages are of
 * @param next first key of the next page
 */
record PageToken(long revision, ByteString prefix, ByteString next) {
  private static final byte FORMAT = 1;
  private static final int FIXED = 1 + 8 + 4 + 4;

  String encode() {
    var bytes = ByteBuffer.allocate(FIXED + prefix.size() + next.size());
    bytes.put(FORMAT).putLong(revision).putInt(prefix.size());
    bytes.put(prefix.asReadOnlyByteBuffer()).put(next.asReadOnlyByteBuffer());
    bytes.putInt(checksum(bytes.array()));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
  }

  private static int checksum(byte[] bytes) {
    var sum = new CRC32C();
    sum.update(bytes, 0, bytes.length - 4);
    return (int) sum.getValue();
  }

  /**
   * @throws ProblemException for what is none of ours
   */
  static PageToken decode(String text) {
    byte[] raw;
    try {
      raw = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw malformed();
    }
    if (raw.length < FIXED) {
      throw malformed();
    }
    var bytes = ByteBuffer.wrap(raw);
    boolean ours = bytes.getInt(raw.length - 4) == checksum(raw) && bytes.get() == FORMAT;
    long revision = bytes.getLong();
    int prefix = bytes.getInt();
    if (!ours || revision < 1 || prefix < 0 || prefix > raw.length - FIXED) {
      throw malformed();
    }
    int at = FIXED - 4;
    return new PageToken(
        revision,
        ByteString.copyFrom(raw, at, prefix),
        ByteString.copyFrom(raw, at + prefix, raw.length - FIXED - prefix));
  }

  private static ProblemException malformed() {
    return Problem.badRequest("continue is not what a listing of this API answered").exception();
  }
}
