package dev.kelvin.log;

import dev.kelvin.raft.Entry;
import dev.kelvin.raft.EntryKind;
import dev.kelvin.raft.HardState;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Bytes of a record (docs/log-format.md): a 40-byte header with a checksum of its own that also
 * covers segment number and position, then data, padded to 8 bytes. Not for use by two threads.
 */
final class RecordFormat {
  static final int HEADER = 40;
  static final int MAX_DATA = (1 << 24) - 1;
  static final int ENTRY = 1;
  static final int HARD_STATE = 2;

  private final CRC32C crc = new CRC32C();
  private final ByteBuffer prefix = ByteBuffer.allocate(16);

  static int size(int dataLength) {
    return HEADER + ((dataLength + 7) & ~7);
  }

  void put(ByteBuffer b, long seed, long position, long synced, Entry entry) {
    int kind = ENTRY << 24 | entry.kind().code() << 16;
    put(b, seed, position, synced, kind, entry.term(), entry.index(), entry.data());
  }

  void put(ByteBuffer b, long seed, long position, long synced, HardState hs) {
    byte[] vote = ByteBuffer.allocate(8).putLong(hs.vote()).array();
    put(b, seed, position, synced, HARD_STATE << 24, hs.term(), hs.commit(), vote);
  }

  private void put(
      ByteBuffer b,
      long seed,
      long position,
      long synced,
      int kind,
      long term,
      long index,
      byte[] data) {
    int at = b.position();
    b.putInt(0).putInt(dataCrc(data, 0, data.length)).putInt(data.length).putInt(kind);
    b.putLong(term).putLong(index).putLong(synced).put(data);
    for (int end = at + size(data.length); b.position() < end; ) {
      b.put((byte) 0);
    }
    b.putInt(at, headerCrc(b, at, seed, position));
  }

  /** Whether a record of this segment and position has its header here. */
  boolean headerValid(ByteBuffer b, int at, long seed, long position) {
    int length = length(b, at);
    int kind = kind(b, at);
    return (kind == ENTRY || kind == HARD_STATE)
        && length >= 0
        && length <= MAX_DATA
        && b.getInt(at) == headerCrc(b, at, seed, position);
  }

  /** Whether the data behind a valid header are what was written. */
  boolean dataValid(ByteBuffer b, int at) {
    crc.reset();
    crc.update(b.slice(at + HEADER, length(b, at)));
    return b.getInt(at + 4) == (int) crc.getValue();
  }

  static int length(ByteBuffer b, int at) {
    return b.getInt(at + 8);
  }

  static int kind(ByteBuffer b, int at) {
    return b.get(at + 12);
  }

  static long index(ByteBuffer b, int at) {
    return b.getLong(at + 24);
  }

  static long synced(ByteBuffer b, int at) {
    return b.getLong(at + 32);
  }

  static Entry entry(ByteBuffer b, int at) {
    byte[] data = new byte[length(b, at)];
    b.get(at + HEADER, data);
    return new Entry(index(b, at), b.getLong(at + 16), EntryKind.of(b.get(at + 13)), data);
  }

  static HardState hardState(ByteBuffer b, int at) {
    return new HardState(b.getLong(at + 16), b.getLong(at + HEADER), b.getLong(at + 24));
  }

  private int dataCrc(byte[] data, int from, int length) {
    crc.reset();
    crc.update(data, from, length);
    return (int) crc.getValue();
  }

  private int headerCrc(ByteBuffer b, int at, long seed, long position) {
    crc.reset();
    prefix.putLong(0, seed).putLong(8, position);
    crc.update(prefix.array(), 0, 16);
    crc.update(b.slice(at + 4, HEADER - 4));
    return (int) crc.getValue();
  }
}
