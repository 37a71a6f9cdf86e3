package dev.kelvin.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Rows to be written together, in the bytes of RocksDB's write batches, which are those of its log
 * (db/write_batch.cc): sequence number (8) and count of records (4), then for each its type, column
 * family and the strings with their lengths; fixed numbers little-endian. Built here, a batch is
 * one native call instead of several for each row.
 */
final class RowBatch {
  private static final int HEADER = 12;
  private static final int COUNT = 8;
  private static final byte DELETION = 0;
  private static final byte VALUE = 1;
  private static final byte FAMILY_DELETION = 4;
  private static final byte FAMILY_VALUE = 5;
  private static final int FIRST_SIZE = 64 << 10;

  /** One large batch must not keep its memory for ever. */
  private static final int KEPT_SIZE = 1 << 20;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final int events;
  private byte[] bytes = new byte[FIRST_SIZE];
  private int size = HEADER;
  private int count;

  /**
   * @param events ID of the events' family
   */
  RowBatch(int events) {
    this.events = events;
  }

  void clear() {
    if (bytes.length > KEPT_SIZE) {
      bytes = new byte[FIRST_SIZE];
    }
    size = HEADER;
    count = 0;
  }

  void put(byte[] key, byte[] value) {
    record(VALUE, key.length + value.length);
    string(key);
    string(value);
  }

  void delete(byte[] key) {
    record(DELETION, key.length);
    string(key);
  }

  void putEvent(byte[] key, byte[] value) {
    record(FAMILY_VALUE, key.length + value.length);
    number(events);
    string(key);
    string(value);
  }

  void deleteEvent(byte[] key) {
    record(FAMILY_DELETION, key.length);
    number(events);
    string(key);
  }

  /** A copy of what {@code WriteBatch} takes. */
  byte[] serialized() {
    INT.set(bytes, COUNT, count);
    return Arrays.copyOf(bytes, size);
  }

  private void record(byte type, int length) {
    // Type, and up to five bytes for each of three numbers.
    int needed = Math.addExact(size, length + 16);
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8, 2L * needed));
    }
    bytes[size++] = type;
    count++;
  }

  private void string(byte[] string) {
    number(string.length);
    System.arraycopy(string, 0, bytes, size, string.length);
    size += string.length;
  }

  /** Seven bits a byte, the lowest first; all but the last with the eighth bit set. */
  private void number(int number) {
    int rest = number;
    while (rest > 0x7f) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }
}
