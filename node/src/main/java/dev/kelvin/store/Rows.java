package dev.kelvin.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Keys of the rows in the one column family; docs/store-layout.md has the bytes. */
final class Rows {
  /** Newest version of each live key: {@code n key}. */
  static final byte NEWEST = 'n';

  /** Versions and tombstones of each key: {@code h escaped-key revision sub}. */
  static final byte HISTORY = 'h';

  /** What happened, in order: {@code e revision sub}. */
  static final byte EVENT = 'e';

  static final byte META = 'm';

  static final byte[] APPLIED = meta("applied");
  static final byte[] REVISION = meta("revision");
  static final byte[] COMPACTED = meta("compacted");
  static final byte[] SWEPT = meta("swept");
  static final byte[] CLUSTER = meta("cluster");
  static final byte[] FORMAT = meta("format");

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  /** Bytes behind the escaped key of a history row: terminator, revision, sub. */
  static final int HISTORY_TAIL = 2 + 8 + 4;

  private Rows() {}

  private static byte[] meta(String name) {
    return prefixed(META, name.getBytes(StandardCharsets.US_ASCII));
  }

  static byte[] prefixed(byte table, byte[] key) {
    var row = new byte[1 + key.length];
    row[0] = table;
    System.arraycopy(key, 0, row, 1, key.length);
    return row;
  }

  static byte[] newest(byte[] key) {
    return prefixed(NEWEST, key);
  }

  static byte[] event(long revision, int sub) {
    var row = new byte[1 + 8 + 4];
    row[0] = EVENT;
    LONG.set(row, 1, revision);
    INT.set(row, 9, sub);
    return row;
  }

  static long eventRevision(byte[] row) {
    return (long) LONG.get(row, 1);
  }

  static int eventSub(byte[] row) {
    return (int) INT.get(row, 9);
  }

  /**
   * Escaping keeps the order of keys when something follows them: 00 becomes 00 ff, and 00 01 ends
   * the key.
   */
  static byte[] history(byte[] key, long revision, int sub) {
    var row = historyPrefix(key, HISTORY_TAIL - 2);
    int at = row.length - 12;
    LONG.set(row, at, revision);
    INT.set(row, at + 8, sub);
    return row;
  }

  /** Below all rows of the key and of those after it. */
  static byte[] historyFrom(byte[] key) {
    var row = historyPrefix(key, 0);
    return Arrays.copyOf(row, row.length - 2);
  }

  /** Above all rows of the key, below those of the next. */
  static byte[] historyAfter(byte[] key) {
    var row = historyPrefix(key, 0);
    row[row.length - 1] = 2;
    return row;
  }

  private static byte[] historyPrefix(byte[] key, int room) {
    int zeros = 0;
    for (byte b : key) {
      if (b == 0) {
        zeros++;
      }
    }
    var row = new byte[1 + key.length + zeros + 2 + room];
    row[0] = HISTORY;
    int at = 1;
    for (byte b : key) {
      row[at++] = b;
      if (b == 0) {
        row[at++] = (byte) 0xff;
      }
    }
    row[at + 1] = 1;
    return row;
  }

  static byte[] historyKey(byte[] row) {
    int end = row.length - HISTORY_TAIL;
    var key = new byte[end - 1];
    int length = 0;
    for (int i = 1; i < end; i++) {
      key[length++] = row[i];
      if (row[i] == 0) {
        i++;
      }
    }
    return length == key.length ? key : Arrays.copyOf(key, length);
  }

  static long historyRevision(byte[] row) {
    return (long) LONG.get(row, row.length - 12);
  }

  static int historySub(byte[] row) {
    return (int) INT.get(row, row.length - 4);
  }

  static byte[] longs(long... values) {
    var bytes = new byte[8 * values.length];
    for (int i = 0; i < values.length; i++) {
      LONG.set(bytes, 8 * i, values[i]);
    }
    return bytes;
  }

  static long longAt(byte[] bytes, int offset) {
    return (long) LONG.get(bytes, offset);
  }

  static void putLong(byte[] bytes, int offset, long value) {
    LONG.set(bytes, offset, value);
  }

  static int intAt(byte[] bytes, int offset) {
    return (int) INT.get(bytes, offset);
  }

  static void putInt(byte[] bytes, int offset, int value) {
    INT.set(bytes, offset, value);
  }
}
