package dev.kelvin.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * What a snapshot file says of itself before its content; docs/snapshots.md has every byte.
 *
 * @param storeFormat of the state row in it
 * @param cluster that it was taken of
 * @param revision it is the state of
 * @param compact last compaction's revision; -1 before the first
 * @param keys that exist at that revision
 * @param leases that exist
 * @param savedAt milliseconds since 1970, by the clock of the node that wrote it
 * @param writer version of the program that wrote it
 * @param files of the database, in the order of their contents
 */
public record SnapshotHeader(
    int storeFormat,
    long cluster,
    long revision,
    long compact,
    long keys,
    long leases,
    long savedAt,
    String writer,
    List<FileEntry> files) {
  /** Format of the files that this build writes, and the newest it reads. */
  public static final int FORMAT = 1;

  static final byte[] MAGIC = "KELVSNAP".getBytes(StandardCharsets.US_ASCII);
  static final byte[] END_MAGIC = "KELVDONE".getBytes(StandardCharsets.US_ASCII);

  /** Magic, format, length of the rest. */
  static final int START = 16;

  static final int MAX_LENGTH = 16 << 20;
  static final int CRC = 4;

  /** A multiple of it and a digest: what etcd's clients expect of a snapshot's size. */
  static final int BLOCK = 512;

  static final int DIGEST = 32;

  /** A name becomes part of a path: nothing but a plain name may. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}");

  /** A file of the database. */
  public record FileEntry(String name, long size) {}

  public SnapshotHeader {
    files = List.copyOf(files);
  }

  /** From the first byte of a snapshot file to the header's checksum. */
  byte[] encode() {
    var content = new ByteArrayOutputStream();
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(content);
        var all = new DataOutputStream(bytes)) {
      out.writeInt(storeFormat);
      out.writeLong(cluster);
      out.writeLong(revision);
      out.writeLong(compact);
      out.writeLong(keys);
      out.writeLong(leases);
      out.writeLong(savedAt);
      out.writeUTF(writer);
      out.writeInt(files.size());
      for (var file : files) {
        out.writeUTF(file.name);
        out.writeLong(file.size);
      }
      all.write(MAGIC);
      all.writeInt(FORMAT);
      all.writeInt(content.size());
      content.writeTo(all);
      all.writeInt(crc(bytes.toByteArray()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * @param content what stands between {@link #START} and the checksum
   * @throws IOException when it is none
   */
  static SnapshotHeader decode(byte[] content) throws IOException {
    try (var in = new DataInputStream(new ByteArrayInputStream(content))) {
      int storeFormat = in.readInt();
      long cluster = in.readLong();
      long revision = in.readLong();
      long compact = in.readLong();
      long keys = in.readLong();
      long leases = in.readLong();
      long savedAt = in.readLong();
      var writer = in.readUTF();
      var files = new ArrayList<FileEntry>();
      var names = new HashSet<String>();
      long sum = 0;
      for (int i = in.readInt(); i > 0; i--) {
        var file = new FileEntry(in.readUTF(), in.readLong());
        if (!NAME.matcher(file.name).matches() || !names.add(file.name) || file.size < 0) {
          throw new IOException("no file of a database: " + file);
        }
        sum = Math.addExact(sum, file.size);
        files.add(file);
      }
      if (in.read() != -1) {
        throw new IOException("there is more than belongs to it");
      }
      return new SnapshotHeader(
          storeFormat, cluster, revision, compact, keys, leases, savedAt, writer, files);
    } catch (ArithmeticException e) {
      throw new IOException("sizes of its files", e);
    }
  }

  static int crc(byte[] bytes) {
    var crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  /** Sum of the files' sizes. */
  public long contentBytes() {
    return files.stream().mapToLong(FileEntry::size).sum();
  }

  /**
   * Size of the whole file without its digest, and of what stands between the last checksum and
   * that.
   *
   * @param start bytes of {@link #encode}
   */
  long bodyBytes(int start) {
    long bytes = bytesWithoutPadding(start);
    return (bytes + BLOCK - 1) / BLOCK * BLOCK;
  }

  int paddingBytes(int start) {
    return (int) (bodyBytes(start) - bytesWithoutPadding(start));
  }

  private long bytesWithoutPadding(int start) {
    return start + contentBytes() + (long) CRC * files.size() + END_MAGIC.length + CRC;
  }

  /**
   * Checksum of the whole: of those of the parts.
   *
   * @param crcs of the header and of each file, in order
   */
  static int wholeCrc(List<Integer> crcs) {
    var crc = new CRC32C();
    for (int part : crcs) {
      for (int shift = 24; shift >= 0; shift -= 8) {
        crc.update(part >>> shift);
      }
    }
    return (int) crc.getValue();
  }
}
