package dev.kelvin.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.kelvin.proto.mvccpb.KeyValue;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Keys and values of the rows in RocksDB; docs/store-layout.md tells why they are so. Numbers are
 * big-endian and never negative, so that plain byte order is their order.
 */
final class Rows {
  static final byte NOW = 'n';
  static final byte HISTORY = 'h';
  static final byte META = 'm';
  static final byte LEASE = 'l';
  static final byte ATTACHED = 'a';

  /** Value of a row that says all in its key. */
  static final byte[] NOTHING = {};

  /** Bytes of revision and order within it, at the end of a history or event key. */
  static final int POSITION = 12;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final int PUT = 1;
  private static final int DELETE = 2;
  private static final int EVENT_HEADER = 1 + 8 + 8 + 8 + 8 + 4 + 4;
  private static final byte[] TOMBSTONE = {DELETE};

  private Rows() {}

  /**
   * What happened to a key at one position.
   *
   * @param previousMod revision of the version this one follows; 0 if the key did not exist
   */
  record Event(ByteString key, Version version, long previousMod, int previousSub) {}

  static byte[] meta(String name) {
    var row = new byte[1 + name.length()];
    row[0] = META;
    for (int i = 0; i < name.length(); i++) {
      row[1 + i] = (byte) name.charAt(i);
    }
    return row;
  }

  static byte[] lease(long id) {
    var row = new byte[9];
    row[0] = LEASE;
    LONG.set(row, 1, id);
    return row;
  }

  static byte[] leaseValue(Lease lease) {
    var row = new byte[lease.own() ? 17 : 16];
    LONG.set(row, 0, lease.ttl());
    LONG.set(row, 8, lease.remaining());
    if (lease.own()) {
      row[16] = 1;
    }
    return row;
  }

  static Lease lease(byte[] key, byte[] row) {
    return new Lease(
        (long) LONG.get(key, 1), (long) LONG.get(row, 0), (long) LONG.get(row, 8), row.length > 16);
  }

  /** Start of the rows of a lease's keys. */
  static byte[] attached(long lease) {
    var row = lease(lease);
    row[0] = ATTACHED;
    return row;
  }

  static byte[] attached(long lease, ByteString key) {
    var row = Arrays.copyOf(attached(lease), 9 + key.size());
    key.copyTo(row, 9);
    return row;
  }

  static ByteString attachedKey(byte[] row) {
    return UnsafeByteOperations.unsafeWrap(row, 9, row.length - 9);
  }

  static byte[] now(ByteString key) {
    var row = new byte[1 + key.size()];
    row[0] = NOW;
    key.copyTo(row, 1);
    return row;
  }

  static ByteString nowKey(byte[] row) {
    return UnsafeByteOperations.unsafeWrap(row, 1, row.length - 1);
  }

  static byte[] nowValue(Version version) {
    var row = new byte[36];
    LONG.set(row, 0, version.mod());
    INT.set(row, 8, version.sub());
    LONG.set(row, 12, version.create());
    LONG.set(row, 20, version.version());
    LONG.set(row, 28, version.lease());
    return row;
  }

  static Version nowVersion(byte[] row) {
    return new Version(
        (long) LONG.get(row, 0),
        (int) INT.get(row, 8),
        (long) LONG.get(row, 12),
        (long) LONG.get(row, 20),
        (long) LONG.get(row, 28),
        null);
  }

  /**
   * Start of a key's history rows. A zero byte is escaped as 0 FF and the end is 0 0, so that no
   * key's rows lie among another's and the order stays that of the keys.
   */
  static byte[] historyPrefix(ByteString key) {
    int zeros = 0;
    for (int i = 0; i < key.size(); i++) {
      if (key.byteAt(i) == 0) {
        zeros++;
      }
    }
    var row = new byte[1 + key.size() + zeros + 2];
    row[0] = HISTORY;
    int at = 1;
    for (int i = 0; i < key.size(); i++) {
      byte b = key.byteAt(i);
      row[at++] = b;
      if (b == 0) {
        row[at++] = (byte) 0xff;
      }
    }
    return row;
  }

  static byte[] history(byte[] prefix, long mod, int sub) {
    var row = Arrays.copyOf(prefix, prefix.length + POSITION);
    LONG.set(row, prefix.length, mod);
    INT.set(row, prefix.length + 8, sub);
    return row;
  }

  static byte[] historyKeyPrefix(byte[] row) {
    return Arrays.copyOf(row, row.length - POSITION);
  }

  static ByteString historyKey(byte[] row) {
    int end = row.length - POSITION - 2;
    var key = new byte[end - 1];
    int size = 0;
    for (int i = 1; i < end; i++) {
      key[size++] = row[i];
      if (row[i] == 0) {
        i++;
      }
    }
    return UnsafeByteOperations.unsafeWrap(key, 0, size);
  }

  static byte[] historyValue(Version version) {
    if (version.deleted()) {
      return TOMBSTONE;
    }
    var row = new byte[25];
    row[0] = PUT;
    LONG.set(row, 1, version.create());
    LONG.set(row, 9, version.version());
    LONG.set(row, 17, version.lease());
    return row;
  }

  static Version historyVersion(byte[] key, byte[] value) {
    long mod = (long) LONG.get(key, key.length - POSITION);
    int sub = (int) INT.get(key, key.length - 4);
    return value[0] == DELETE
        ? Version.tombstone(mod, sub)
        : new Version(
            mod,
            sub,
            (long) LONG.get(value, 1),
            (long) LONG.get(value, 9),
            (long) LONG.get(value, 17),
            null);
  }

  static byte[] event(long mod, int sub) {
    var row = new byte[POSITION];
    LONG.set(row, 0, mod);
    INT.set(row, 8, sub);
    return row;
  }

  static long eventMod(byte[] row) {
    return (long) LONG.get(row, 0);
  }

  static int eventSub(byte[] row) {
    return (int) INT.get(row, 8);
  }

  static byte[] eventValue(ByteString key, Version version, Version previous) {
    var value = version.value();
    var row = new byte[EVENT_HEADER + key.size() + value.size()];
    row[0] = (byte) (version.deleted() ? DELETE : PUT);
    LONG.set(row, 1, version.create());
    LONG.set(row, 9, version.version());
    LONG.set(row, 17, version.lease());
    LONG.set(row, 25, previous == null ? 0L : previous.mod());
    INT.set(row, 33, previous == null ? 0 : previous.sub());
    INT.set(row, 37, key.size());
    key.copyTo(row, EVENT_HEADER);
    value.copyTo(row, EVENT_HEADER + key.size());
    return row;
  }

  static Event event(byte[] key, byte[] row) {
    int keySize = (int) INT.get(row, 37);
    int valueAt = EVENT_HEADER + keySize;
    var version =
        new Version(
            eventMod(key),
            eventSub(key),
            (long) LONG.get(row, 1),
            (long) LONG.get(row, 9),
            (long) LONG.get(row, 17),
            UnsafeByteOperations.unsafeWrap(row, valueAt, row.length - valueAt));
    return new Event(
        UnsafeByteOperations.unsafeWrap(row, EVENT_HEADER, keySize),
        version,
        (long) LONG.get(row, 25),
        (int) INT.get(row, 33));
  }

  /** As watchers are told; the version must have its value. */
  static Change change(ByteString key, Version version, Version previous) {
    return change(
        key, version, previous == null ? 0 : previous.mod(), previous == null ? 0 : previous.sub());
  }

  static Change change(Event event) {
    return change(event.key(), event.version(), event.previousMod(), event.previousSub());
  }

  private static Change change(ByteString key, Version version, long mod, int sub) {
    var kv =
        version.deleted()
            ? KeyValue.newBuilder().setKey(key).setModRevision(version.mod()).build()
            : version.toKeyValue(key);
    return new Change(kv, version.deleted(), mod, sub);
  }

  static ByteString eventPayload(byte[] row) {
    int valueAt = EVENT_HEADER + (int) INT.get(row, 37);
    return UnsafeByteOperations.unsafeWrap(row, valueAt, row.length - valueAt);
  }
}
