package dev.kelvin.store;

import dev.kelvin.store.SnapshotHeader.FileEntry;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Reads a snapshot file from its first to its last byte, and believes none of it before its
 * checksum. What is wrong with it is a {@link BadSnapshotFileException}, for people.
 */
public final class SnapshotFile {
  private static final int BUFFER = 256 << 10;

  /** Of bbolt, etcd's database, in its first page behind the page's own header; little-endian. */
  private static final int BBOLT_MAGIC = 0xED0CDAED;

  private static final int BBOLT_MAGIC_AT = 16;

  private final Path path;
  private final long size;
  private final InputStream in;
  private final MessageDigest digest;
  private final List<Integer> crcs = new ArrayList<>();

  /**
   * What a whole snapshot file is.
   *
   * @param hash of its content: the checksum at its end
   * @param size of the file
   */
  public record Summary(SnapshotHeader header, int hash, long size) {}

  /** Takes the contents of the files in it. */
  private interface Sink {
    void header(SnapshotHeader header) throws IOException;

    /** Takes a file's bytes; closed at its end. */
    OutputStream file(FileEntry entry) throws IOException;
  }

  private SnapshotFile(Path path, long size, InputStream in, MessageDigest digest) {
    this.path = path;
    this.size = size;
    this.in = in;
    this.digest = digest;
  }

  /**
   * Verifies all of it.
   *
   * @throws BadSnapshotFileException when it is no whole snapshot file, or cannot be read
   */
  public static Summary check(Path file) {
    return read(
        file,
        "read %s",
        new Sink() {
          @Override
          public void header(SnapshotHeader header) {
            // All that is asked for is in the summary.
          }

          @Override
          public OutputStream file(FileEntry entry) {
            return OutputStream.nullOutputStream();
          }
        });
  }

  /**
   * Verifies all of it, and writes the database's files, durably, into a new directory.
   *
   * @throws BadSnapshotFileException as {@link #check}, or when there is no room; what was written
   *     is the caller's to remove
   */
  static Summary extract(Path file, Path directory) {
    return read(
        file,
        "take %s over",
        new Sink() {
          @Override
          public void header(SnapshotHeader header) throws IOException {
            Files.createDirectory(directory);
            long room = Files.getFileStore(directory).getUsableSpace();
            if (header.contentBytes() > room) {
              throw new BadSnapshotFileException(
                  "%s takes %d MiB and the disk has %d MiB left"
                      .formatted(file, header.contentBytes() >> 20, room >> 20));
            }
          }

          @Override
          public OutputStream file(FileEntry entry) throws IOException {
            return new DurableFile(
                FileChannel.open(
                    directory.resolve(entry.name()),
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.WRITE));
          }
        });
  }

  /** Syncs before it closes. */
  private static final class DurableFile extends OutputStream {
    private final FileChannel channel;
    private final OutputStream out;

    DurableFile(FileChannel channel) {
      this.channel = channel;
      this.out = Channels.newOutputStream(channel);
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      out.write(bytes, from, length);
    }

    @Override
    public void close() throws IOException {
      try (channel) {
        channel.force(true);
      }
    }
  }

  private static Summary read(Path file, String what, Sink sink) {
    try (var plain = Files.newInputStream(file)) {
      var digest = SnapshotExport.sha256();
      var in = new DigestInputStream(new BufferedInputStream(plain, BUFFER), digest);
      return new SnapshotFile(file, Files.size(file), in, digest).read(sink);
    } catch (NoSuchFileException e) {
      throw new BadSnapshotFileException("there is no file " + file, e);
    } catch (IOException e) {
      throw new BadSnapshotFileException("cannot " + what.formatted(file) + ": " + e, e);
    }
  }

  private Summary read(Sink sink) throws IOException {
    int headerLength = start();
    var header = header(headerLength);
    int start = SnapshotHeader.START + headerLength + SnapshotHeader.CRC;
    checkSize(header.bodyBytes(start) + SnapshotHeader.DIGEST);
    sink.header(header);
    for (var entry : header.files()) {
      content(entry, sink);
    }
    if (!Arrays.equals(bytes(SnapshotHeader.END_MAGIC.length), SnapshotHeader.END_MAGIC)) {
      throw damaged("the mark of its end is missing");
    }
    int hash = SnapshotHeader.wholeCrc(crcs);
    if (number() != hash) {
      throw damaged("the checksum of the whole is wrong");
    }
    for (byte b : bytes(header.paddingBytes(start))) {
      if (b != 0) {
        throw damaged("there is something behind its end");
      }
    }
    var expected = digest.digest();
    if (!Arrays.equals(bytes(SnapshotHeader.DIGEST), expected)) {
      throw damaged("its SHA-256 is wrong");
    }
    return new Summary(header, hash, size);
  }

  /** Up to the header's content, whose length it returns. */
  private int start() throws IOException {
    int length = SnapshotHeader.START + Integer.BYTES;
    var first = new byte[(int) Math.min(size, length)];
    try (var peek = Files.newInputStream(path)) {
      peek.readNBytes(first, 0, first.length);
    }
    if (first.length == length
        && ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getInt(BBOLT_MAGIC_AT)
            == BBOLT_MAGIC) {
      throw new BadSnapshotFileException(
          "%s is a database file of etcd itself, which Kelvin cannot read; to take its data over, run that etcd (etcdutl snapshot restore makes its data directory) beside a Kelvin cluster and copy them: etcdctl --endpoints=ETCD make-mirror KELVIN"
              .formatted(path));
    }
    var magic = SnapshotHeader.MAGIC;
    if (first.length < magic.length
        || !Arrays.equals(first, 0, magic.length, magic, 0, magic.length)) {
      throw new BadSnapshotFileException(path + " is no snapshot of Kelvin");
    }
    if (first.length < length) {
      throw new BadSnapshotFileException(
          "%s is incomplete: it ends within its header".formatted(path));
    }
    bytes(SnapshotHeader.MAGIC.length);
    int format = number();
    if (format != SnapshotHeader.FORMAT) {
      throw new BadSnapshotFileException(
          "%s has snapshot format %d, this build reads %d%s"
              .formatted(path, format, SnapshotHeader.FORMAT, UnknownFormatException.REMEDY));
    }
    int headerLength = number();
    if (headerLength < 0 || headerLength > SnapshotHeader.MAX_LENGTH) {
      throw damaged("its header cannot be of %d bytes".formatted(headerLength));
    }
    if (SnapshotHeader.START + headerLength + SnapshotHeader.CRC > size) {
      throw new BadSnapshotFileException(
          "%s is incomplete: it ends within its header".formatted(path));
    }
    return headerLength;
  }

  private SnapshotHeader header(int length) throws IOException {
    var content = bytes(length);
    var crc = new CRC32C();
    crc.update(SnapshotHeader.MAGIC);
    crc.update(ByteBuffer.allocate(8).putInt(SnapshotHeader.FORMAT).putInt(length).flip());
    crc.update(content);
    if (number() != (int) crc.getValue()) {
      throw damaged("the checksum of its header is wrong");
    }
    crcs.add((int) crc.getValue());
    SnapshotHeader header;
    try {
      header = SnapshotHeader.decode(content);
    } catch (IOException e) {
      throw damaged("its header says nonsense: " + e.getMessage());
    }
    if (header.storeFormat() != Meta.FORMAT) {
      throw new BadSnapshotFileException(
          "%s holds a store of format %d, this build reads %d%s"
              .formatted(path, header.storeFormat(), Meta.FORMAT, UnknownFormatException.REMEDY));
    }
    return header;
  }

  private void checkSize(long expected) {
    if (size < expected) {
      throw new BadSnapshotFileException(
          "%s is incomplete: it has %d of %d bytes".formatted(path, size, expected));
    }
    if (size > expected) {
      throw damaged("it has %d bytes, and should have %d".formatted(size, expected));
    }
  }

  private void content(FileEntry entry, Sink sink) throws IOException {
    var crc = new CRC32C();
    try (var out = sink.file(entry)) {
      for (long left = entry.size(); left > 0; ) {
        var bytes = bytes((int) Math.min(BUFFER, left));
        crc.update(bytes);
        out.write(bytes);
        left -= bytes.length;
      }
    }
    if (number() != (int) crc.getValue()) {
      throw damaged("the checksum of %s in it is wrong".formatted(entry.name()));
    }
    crcs.add((int) crc.getValue());
  }

  private int number() throws IOException {
    return ByteBuffer.wrap(bytes(Integer.BYTES)).getInt();
  }

  private byte[] bytes(int length) throws IOException {
    var bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new BadSnapshotFileException(path + " became shorter while it was read");
    }
    return bytes;
  }

  private BadSnapshotFileException damaged(String what) {
    return new BadSnapshotFileException(path + " is damaged: " + what);
  }
}
