package dev.kelvin.peer;

import dev.kelvin.proto.peer.FileChunk;
import dev.kelvin.proto.peer.FileEnd;
import dev.kelvin.proto.peer.SnapshotPart;
import dev.kelvin.raft.Message.InstallSnapshot;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * Writes an incoming snapshot's files, checks each against its size and checksum, and makes them
 * durable. For one thread at a time.
 */
final class SnapshotReceiver implements AutoCloseable {
  private final InstallSnapshot message;
  private final Path directory;
  private final CRC32C crc = new CRC32C();
  private String name;
  private FileChannel file;
  private int files;
  private boolean complete;

  SnapshotReceiver(InstallSnapshot message, Path directory) throws IOException {
    this.message = message;
    this.directory = directory;
    Files.createDirectories(directory);
  }

  InstallSnapshot message() {
    return message;
  }

  Path directory() {
    return directory;
  }

  /** Whether every file announced is here and durable. */
  boolean complete() {
    return complete;
  }

  void accept(SnapshotPart part) throws IOException {
    switch (part.getPartCase()) {
      case CHUNK -> chunk(part.getChunk());
      case FILE_END -> fileEnd(part.getFileEnd());
      case FILES -> end(part.getFiles());
      default -> throw new IOException("unexpected part of a snapshot: " + part.getPartCase());
    }
  }

  private void chunk(FileChunk chunk) throws IOException {
    open(chunk.getName());
    for (var buffer : chunk.getData().asReadOnlyByteBufferList()) {
      crc.update(buffer.duplicate());
      while (buffer.hasRemaining()) {
        file.write(buffer);
      }
    }
  }

  private void open(String wanted) throws IOException {
    if (file != null && wanted.equals(name)) {
      return;
    }
    if (file != null) {
      throw new IOException("file " + wanted + " begins before " + name + " has ended");
    }
    // The name becomes part of a path: nothing but a plain name may.
    if (!wanted.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")) {
      throw new IOException("not a file name: " + wanted);
    }
    name = wanted;
    crc.reset();
    file =
        FileChannel.open(
            directory.resolve(wanted), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  private void fileEnd(FileEnd end) throws IOException {
    // An empty file has no chunk.
    open(end.getName());
    if (file.size() != end.getSize() || (int) crc.getValue() != end.getCrc32C()) {
      throw new IOException("file " + name + " did not arrive as it was sent");
    }
    file.force(true);
    file.close();
    file = null;
    files++;
  }

  private void end(int announced) throws IOException {
    if (file != null || files != announced) {
      throw new IOException(files + " files arrived, " + announced + " were announced");
    }
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
    complete = true;
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
      file = null;
    }
  }
}
