package dev.kelvin.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * A copy of a store as of one moment, as the bytes of a snapshot file (docs/snapshots.md), from the
 * first to the last. The copy is a checkpoint on the store's disk, which goes with {@link #close},
 * or with the store. For one thread at a time.
 */
public final class SnapshotExport implements AutoCloseable {
  private final SnapshotHeader header;
  private final Path directory;
  private final Consumer<SnapshotExport> closing;
  private final Runnable discard;
  private final MessageDigest digest = sha256();
  private final List<Integer> crcs = new ArrayList<>();
  private final CRC32C crc = new CRC32C();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final int padding;
  private final long size;
  private ByteBuffer small;
  private InputStream file;
  private long left;
  private int next;
  private long remaining;

  /**
   * @param directory with the files that the header names, which no longer change
   * @param closing told when it is closed, before
   * @param discard removes the files
   */
  SnapshotExport(
      SnapshotHeader header, Path directory, Consumer<SnapshotExport> closing, Runnable discard) {
    this.header = header;
    this.directory = directory;
    this.closing = closing;
    this.discard = discard;
    var start = header.encode();
    small = ByteBuffer.wrap(start);
    crcs.add(small.getInt(start.length - SnapshotHeader.CRC));
    padding = header.paddingBytes(start.length);
    size = header.bodyBytes(start.length);
    remaining = size;
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  public SnapshotHeader header() {
    return header;
  }

  /** Bytes of all of it, without the digest. */
  public long size() {
    return size;
  }

  /** Bytes that {@link #next} has yet to give. */
  public long remaining() {
    return remaining;
  }

  /**
   * The next bytes.
   *
   * @param most as many, unless fewer are left
   * @return null after the last
   * @throws IOException when the copy cannot be read, or was closed
   */
  public byte[] next(int most) throws IOException {
    if (remaining == 0) {
      return null;
    }
    var chunk = new byte[(int) Math.min(most, remaining)];
    int filled = 0;
    while (filled < chunk.length) {
      if (closed.get()) {
        throw new IOException("the snapshot was closed");
      }
      if (small.hasRemaining()) {
        int length = Math.min(small.remaining(), chunk.length - filled);
        small.get(chunk, filled, length);
        filled += length;
      } else if (left > 0) {
        int length = file.read(chunk, filled, (int) Math.min(left, chunk.length - filled));
        if (length < 0) {
          throw new IOException("a file of the snapshot has become shorter");
        }
        crc.update(chunk, filled, length);
        left -= length;
        filled += length;
      } else {
        advance();
      }
    }
    digest.update(chunk);
    remaining -= chunk.length;
    return chunk;
  }

  private void advance() throws IOException {
    if (file != null) {
      file.close();
      file = null;
      crcs.add((int) crc.getValue());
      small = ByteBuffer.allocate(SnapshotHeader.CRC).putInt((int) crc.getValue()).flip();
    } else if (next < header.files().size()) {
      var entry = header.files().get(next++);
      file = Files.newInputStream(directory.resolve(entry.name()));
      left = entry.size();
      crc.reset();
    } else {
      small =
          ByteBuffer.allocate(SnapshotHeader.END_MAGIC.length + SnapshotHeader.CRC + padding)
              .put(SnapshotHeader.END_MAGIC)
              .putInt(SnapshotHeader.wholeCrc(crcs))
              .rewind();
    }
  }

  /** SHA-256 of all that {@link #next} gave, which ends the file. */
  public byte[] digest() {
    if (remaining != 0) {
      throw new IllegalStateException(remaining + " bytes are left");
    }
    return digest.digest();
  }

  /** Removes the copy; whoever reads it gets an error. Any thread. */
  void abandon() {
    if (closed.compareAndSet(false, true)) {
      closing.accept(this);
      discard.run();
    }
  }

  /** Removes the copy. */
  @Override
  public void close() throws IOException {
    abandon();
    if (file != null) {
      file.close();
      file = null;
    }
  }
}
