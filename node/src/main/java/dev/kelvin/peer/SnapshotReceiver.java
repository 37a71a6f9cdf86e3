package dev.kelvin.peer;

import dev.kelvin.proto.peer.FileChunk;
import dev.kelvin.proto.peer.FileEnd;
import dev.kelvin.proto.peer.SnapshotHeld;
import dev.kelvin.proto.peer.SnapshotPart;
import dev.kelvin.raft.Message.InstallSnapshot;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The files of one snapshot as they come in, over as many streams as it takes: writes them, checks
 * each chunk, each file and the whole against its checksum, and makes them durable. For one thread
 * at a time.
 */
final class SnapshotReceiver implements AutoCloseable {
  /** Brought to the disk in such portions, so that the end of a large file holds up nothing. */
  private static final long SYNC_BYTES = 16 << 20;

  private final long id;
  private final InstallSnapshot message;
  private final SnapshotManifest manifest;
  private final Path directory;

  /** Checksums of the files that are complete. */
  private final List<Integer> done = new ArrayList<>();

  private final CRC32C crc = new CRC32C();
  private FileChannel file;
  private long bytes;
  private long unsynced;
  private boolean complete;

  /**
   * @throws IOException when the directory cannot be made, or has not the room
   */
  SnapshotReceiver(long id, InstallSnapshot message, SnapshotManifest manifest, Path directory)
      throws IOException {
    this.id = id;
    this.message = message;
    this.manifest = manifest;
    this.directory = directory;
    Files.createDirectories(directory);
    long room = Files.getFileStore(directory).getUsableSpace();
    if (manifest.bytes() > room) {
      throw new IOException(
          "the snapshot takes %d MiB and the disk has %d MiB left"
              .formatted(manifest.bytes() >> 20, room >> 20));
    }
  }

  /** Whether these are the same files of the same snapshot. */
  boolean is(long otherId, InstallSnapshot other, SnapshotManifest files) {
    return id == otherId && message.equals(other) && manifest.equals(files);
  }

  long id() {
    return id;
  }

  InstallSnapshot message() {
    return message;
  }

  Path directory() {
    return directory;
  }

  /** Whether every file is here and durable. */
  boolean complete() {
    return complete;
  }

  /** What is here and verified. */
  SnapshotHeld held() {
    return SnapshotHeld.newBuilder()
        .setFiles(done.size())
        .setBytes(bytes)
        .setCrc32C((int) crc.getValue())
        .build();
  }

  /**
   * @throws DamagedSnapshotException when the part is not what was sent; it is left out
   * @throws MalformedMessageException when it should not come now
   * @throws IOException when it cannot be written
   */
  void accept(SnapshotPart part) throws IOException {
    switch (part.getPartCase()) {
      case CHUNK -> chunk(part.getChunk());
      case FILE_END -> fileEnd(part.getFileEnd());
      case END -> end(part.getEnd().getCrc32C());
      default ->
          throw new MalformedMessageException(
              "unexpected part of a snapshot: " + part.getPartCase());
    }
  }

  private void chunk(FileChunk chunk) throws IOException {
    begin(chunk.getFile());
    if (chunk.getOffset() == 0 && bytes > 0) {
      again();
    }
    long left = manifest.files().get(done.size()).getSize() - bytes;
    if (chunk.getOffset() != bytes || chunk.getData().size() > left) {
      throw new MalformedMessageException(
          "bytes from %d on of %s, of which there are %d"
              .formatted(chunk.getOffset(), name(), bytes));
    }
    var buffers = chunk.getData().asReadOnlyByteBufferList();
    var check = new CRC32C();
    for (var buffer : buffers) {
      check.update(buffer.duplicate());
    }
    if ((int) check.getValue() != chunk.getCrc32C()) {
      throw damaged();
    }
    for (var buffer : buffers) {
      crc.update(buffer.duplicate());
      while (buffer.hasRemaining()) {
        file.write(buffer);
      }
    }
    bytes += chunk.getData().size();
    unsynced += chunk.getData().size();
    if (unsynced >= SYNC_BYTES) {
      file.force(false);
      unsynced = 0;
    }
  }

  private void begin(int number) throws IOException {
    if (number != done.size() || number >= manifest.files().size()) {
      throw new MalformedMessageException(
          "a part of file %d of a snapshot where %d is due".formatted(number, done.size()));
    }
    if (file == null) {
      file =
          FileChannel.open(
              directory.resolve(name()), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }
  }

  private String name() {
    return manifest.files().get(done.size()).getName();
  }

  private DamagedSnapshotException damaged() {
    return new DamagedSnapshotException("file " + name() + " did not arrive as it was sent");
  }

  /** Forgets what is here of the file that is coming in. */
  private void again() throws IOException {
    file.truncate(0);
    file.position(0);
    crc.reset();
    bytes = 0;
    unsynced = 0;
  }

  private void fileEnd(FileEnd end) throws IOException {
    // An empty file has no chunk.
    begin(end.getFile());
    if (bytes != manifest.files().get(done.size()).getSize()) {
      throw new MalformedMessageException(name() + " ends too soon");
    }
    if ((int) crc.getValue() != end.getCrc32C()) {
      again();
      throw damaged();
    }
    file.force(true);
    file.close();
    file = null;
    done.add(end.getCrc32C());
    crc.reset();
    bytes = 0;
    unsynced = 0;
  }

  private void end(int announced) throws IOException {
    if (done.size() != manifest.files().size() || manifest.crc(done) != announced) {
      throw new MalformedMessageException("the snapshot ends, but not as it was announced");
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
