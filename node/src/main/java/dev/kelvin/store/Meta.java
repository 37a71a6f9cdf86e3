package dev.kelvin.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What the store knows of itself as of its last batch; one row, written by every batch.
 *
 * @param applied last log entry
 * @param revision current one, from 1
 * @param compact last compaction's revision; -1 before the first, as 0 can be compacted
 */
record Meta(Position applied, long revision, long compact, ClusterState cluster) {
  static final byte[] ROW = Rows.meta("state");
  static final Meta START = new Meta(Position.START, 1, -1, ClusterState.EMPTY);

  static final int FORMAT = 1;

  byte[] encode() {
    var bytes = new ByteArrayOutputStream(256);
    try (var out = new DataOutputStream(bytes)) {
      out.writeInt(FORMAT);
      out.writeLong(applied.index());
      out.writeLong(applied.term());
      out.writeLong(revision);
      out.writeLong(compact);
      MemberBytes.write(out, cluster);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * @param row null for a database nothing was written to
   * @throws UnknownFormatException for a row this version cannot read
   */
  static Meta decode(byte[] row) {
    if (row == null) {
      return START;
    }
    try (var in = new DataInputStream(new ByteArrayInputStream(row))) {
      int format = in.readInt();
      if (format != FORMAT) {
        throw new UnknownFormatException(
            "store of format version "
                + format
                + ", this build reads "
                + FORMAT
                + UnknownFormatException.REMEDY);
      }
      return new Meta(
          new Position(in.readLong(), in.readLong()),
          in.readLong(),
          in.readLong(),
          MemberBytes.readCluster(in));
    } catch (IOException e) {
      throw new UnknownFormatException("the store's state row is damaged");
    }
  }
}
