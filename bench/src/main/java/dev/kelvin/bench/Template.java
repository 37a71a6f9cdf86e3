package dev.kelvin.bench;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A request encoded once, with a place for the key: one copy and a few digits make the request for
 * any key. Keys are of one length, so that nothing else in the message changes.
 */
final class Template {
  private static final String HOLE = "#KEY#";

  private final byte[] bytes;
  private final int[] holes;
  private final int keyLength;

  /** Encodes {@code message}, whose keys are {@link #hole(int)} of {@code keyLength}. */
  Template(MessageLite message, int keyLength) {
    this.bytes = message.toByteArray();
    this.keyLength = keyLength;
    byte[] hole = hole(keyLength).toByteArray();
    List<Integer> found = new ArrayList<>();
    for (int at = 0; at + keyLength <= bytes.length; at++) {
      if (java.util.Arrays.equals(bytes, at, at + keyLength, hole, 0, keyLength)) {
        found.add(at);
      }
    }
    if (found.isEmpty()) {
      throw new IllegalArgumentException("no place for the key in the message");
    }
    this.holes = found.stream().mapToInt(Integer::intValue).toArray();
  }

  /** What stands in a message where the key will be. */
  static ByteString hole(int keyLength) {
    if (keyLength < HOLE.length()) {
      throw new IllegalArgumentException("keys need at least " + HOLE.length() + " bytes");
    }
    return ByteString.copyFromUtf8(HOLE + "#".repeat(keyLength - HOLE.length()));
  }

  /** The key of number {@code number}: {@code k}, then the number in decimal, zeros in front. */
  static byte[] key(long number, int keyLength) {
    var key = new byte[keyLength];
    write(number, key, 0, keyLength);
    return key;
  }

  /** The number of a key made by {@link #key}. */
  static long number(byte[] key) {
    return Long.parseLong(new String(key, 1, key.length - 1, StandardCharsets.US_ASCII));
  }

  byte[] request(long number) {
    byte[] request = bytes.clone();
    for (int hole : holes) {
      write(number, request, hole, keyLength);
    }
    return request;
  }

  /** Writes the key of {@link #key} into {@code into}, from {@code at} on. */
  static void write(long number, byte[] into, int at, int length) {
    long rest = number;
    for (int i = at + length - 1; i > at; i--) {
      into[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    if (rest != 0) {
      throw new IllegalArgumentException("number " + number + " does not fit the key length");
    }
    into[at] = 'k';
  }
}
