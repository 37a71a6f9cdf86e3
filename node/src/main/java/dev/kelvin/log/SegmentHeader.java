package dev.kelvin.log;

import dev.kelvin.raft.HardState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * First sector of a segment; bytes in docs/log-format.md. It is durable before the file bears a
 * segment's name, so a bad one is always corruption.
 *
 * @param number of the segment, rising by one
 * @param reset whether all earlier segments are void
 * @param baseIndex index before the first entry in here; entries of earlier segments above are void
 * @param baseTerm term of that entry
 * @param hardState as it was when the segment began
 * @param previousEnd where the records of the segment before end; all of them are durable
 * @param salt goes into the checksums of the records: so no client can write a value that would
 *     pass for a record
 */
record SegmentHeader(
    long number,
    boolean reset,
    long baseIndex,
    long baseTerm,
    HardState hardState,
    long previousEnd,
    long salt) {
  static final int VERSION = 1;
  static final int SIZE = 512;
  private static final long MAGIC = 0x4b454c56494e4c47L; // KELVINLG
  private static final int COVERED = 80;

  ByteBuffer encode() {
    ByteBuffer b = ByteBuffer.allocate(SIZE);
    b.putLong(MAGIC).putInt(VERSION).putInt(reset ? 1 : 0).putLong(number);
    b.putLong(baseIndex).putLong(baseTerm);
    b.putLong(hardState.term()).putLong(hardState.vote()).putLong(hardState.commit());
    b.putLong(previousEnd).putLong(salt);
    b.putInt(crc(b.array()));
    return b.clear();
  }

  static SegmentHeader read(Disk.File file, String name, long number) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(SIZE);
    int read = file.read(b, 0);
    b.clear();
    if (read < SIZE || b.getLong() != MAGIC) {
      throw new CorruptLogException(name, 0, "not a log segment (short, or wrong magic number)");
    }
    int version = b.getInt();
    // Readers of older versions branch here; version 1 is the first.
    if (Integer.compareUnsigned(version, VERSION) > 0) {
      throw CorruptLogException.newerFormat(name, version);
    }
    int flags = b.getInt();
    long found = b.getLong();
    SegmentHeader header =
        new SegmentHeader(
            found,
            flags == 1,
            b.getLong(),
            b.getLong(),
            new HardState(b.getLong(), b.getLong(), b.getLong()),
            b.getLong(),
            b.getLong());
    if (version != VERSION || b.getInt(COVERED) != crc(b.array()) || found != number || flags > 1) {
      throw new CorruptLogException(name, 0, "the segment header is damaged");
    }
    return header;
  }

  /** What the checksums of its records begin with. */
  long seed() {
    return number ^ salt;
  }

  private static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, COVERED);
    return (int) crc.getValue();
  }
}
