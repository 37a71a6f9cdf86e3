package dev.kelvin.peer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Reads what {@link ByteWriter} wrote; believes no length before checking it. */
final class ByteReader {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] bytes;
  private int at;

  ByteReader(byte[] bytes) {
    this.bytes = bytes;
  }

  int u8() {
    need(1);
    return bytes[at++] & 0xff;
  }

  boolean bool() {
    int value = u8();
    if (value > 1) {
      throw new MalformedMessageException("neither true nor false: " + value);
    }
    return value == 1;
  }

  int i32() {
    need(4);
    int value = (int) INT.get(bytes, at);
    at += 4;
    return value;
  }

  long i64() {
    need(8);
    long value = (long) LONG.get(bytes, at);
    at += 8;
    return value;
  }

  byte[] bytes() {
    int length = i32();
    if (length < 0) {
      throw new MalformedMessageException("negative length " + length);
    }
    need(length);
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  /** A count of things that take at least {@code each} bytes: bounded by what is left to read. */
  int count(int each) {
    int count = i32();
    if (count < 0 || (long) count * each > bytes.length - at) {
      throw new MalformedMessageException("impossible count " + count);
    }
    return count;
  }

  boolean atEnd() {
    return at == bytes.length;
  }

  private void need(int length) {
    if (bytes.length - at < length) {
      throw new MalformedMessageException(
          "message ends at byte " + bytes.length + ", inside a field that began at " + at);
    }
  }
}
