package dev.kelvin.store;

/**
 * One version of a key, without its value.
 *
 * @param mod revision that wrote it
 * @param sub order within that revision, from 0
 * @param create revision of the key's creation
 * @param version puts since then
 * @param lease 0 for none
 */
record Version(long mod, int sub, long create, long version, long lease) {
  private static final int SIZE = 8 + 4 + 8 + 8 + 8;
  private static final int HISTORY_SIZE = 8 + 8 + 8;

  /** Value of a history row that marks a deletion. */
  static final byte[] TOMBSTONE = new byte[0];

  byte[] encode() {
    var bytes = new byte[SIZE];
    Rows.putLong(bytes, 0, mod);
    Rows.putInt(bytes, 8, sub);
    Rows.putLong(bytes, 12, create);
    Rows.putLong(bytes, 20, version);
    Rows.putLong(bytes, 28, lease);
    return bytes;
  }

  static Version decode(byte[] bytes) {
    return new Version(
        Rows.longAt(bytes, 0),
        Rows.intAt(bytes, 8),
        Rows.longAt(bytes, 12),
        Rows.longAt(bytes, 20),
        Rows.longAt(bytes, 28));
  }

  byte[] encodeHistory() {
    var bytes = new byte[HISTORY_SIZE];
    Rows.putLong(bytes, 0, create);
    Rows.putLong(bytes, 8, version);
    Rows.putLong(bytes, 16, lease);
    return bytes;
  }

  /** Null for a tombstone. */
  static Version decodeHistory(byte[] row, byte[] value) {
    return value.length == 0
        ? null
        : new Version(
            Rows.historyRevision(row),
            Rows.historySub(row),
            Rows.longAt(value, 0),
            Rows.longAt(value, 8),
            Rows.longAt(value, 16));
  }
}
