package dev.kelvin.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.kelvin.proto.mvccpb.KeyValue;
import java.util.Arrays;

/**
 * Value of an event row: what was put or deleted, and which version that superseded.
 *
 * <p>Bytes: kind (1: put, 2: deletion), create, version, lease (8 each), revision (8) and sub (4)
 * of the superseded version (0, 0 for none), length of the key (4), key, value.
 */
final class EventRow {
  private static final byte PUT = 1;
  private static final byte DELETE = 2;
  private static final int KEY = 1 + 8 + 8 + 8 + 8 + 4 + 4;

  private final byte[] bytes;

  EventRow(byte[] bytes) {
    this.bytes = bytes;
  }

  static byte[] put(byte[] key, ByteString value, Version now, Version superseded) {
    var bytes = new byte[KEY + key.length + value.size()];
    bytes[0] = PUT;
    Rows.putLong(bytes, 1, now.create());
    Rows.putLong(bytes, 9, now.version());
    Rows.putLong(bytes, 17, now.lease());
    tail(bytes, key, superseded);
    value.copyTo(bytes, KEY + key.length);
    return bytes;
  }

  static byte[] delete(byte[] key, Version superseded) {
    var bytes = new byte[KEY + key.length];
    bytes[0] = DELETE;
    tail(bytes, key, superseded);
    return bytes;
  }

  private static void tail(byte[] bytes, byte[] key, Version superseded) {
    Rows.putLong(bytes, 25, superseded == null ? 0 : superseded.mod());
    Rows.putInt(bytes, 33, superseded == null ? 0 : superseded.sub());
    Rows.putInt(bytes, 37, key.length);
    System.arraycopy(key, 0, bytes, KEY, key.length);
  }

  boolean isDelete() {
    return bytes[0] == DELETE;
  }

  byte[] key() {
    return Arrays.copyOfRange(bytes, KEY, KEY + keyLength());
  }

  private int keyLength() {
    return Rows.intAt(bytes, 37);
  }

  long supersededRevision() {
    return Rows.longAt(bytes, 25);
  }

  int supersededSub() {
    return Rows.intAt(bytes, 33);
  }

  ByteString value() {
    int from = KEY + keyLength();
    return UnsafeByteOperations.unsafeWrap(bytes, from, bytes.length - from);
  }

  KeyValue keyValue(long revision) {
    return KeyValue.newBuilder()
        .setKey(UnsafeByteOperations.unsafeWrap(bytes, KEY, keyLength()))
        .setCreateRevision(Rows.longAt(bytes, 1))
        .setModRevision(revision)
        .setVersion(Rows.longAt(bytes, 9))
        .setLease(Rows.longAt(bytes, 17))
        .setValue(value())
        .build();
  }
}
