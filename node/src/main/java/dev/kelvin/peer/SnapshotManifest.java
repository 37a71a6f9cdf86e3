package dev.kelvin.peer;

import dev.kelvin.proto.peer.SnapshotFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/** A snapshot's files by name and size, in the order in which they are sent. */
record SnapshotManifest(List<SnapshotFile> files, long bytes) {
  /** A name becomes part of a path: nothing but a plain name may. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}");

  /** Of the files in a directory, which no longer change. */
  static SnapshotManifest of(Path directory) throws IOException {
    var files = new ArrayList<SnapshotFile>();
    try (var names = Files.newDirectoryStream(directory)) {
      for (var file : names) {
        files.add(
            SnapshotFile.newBuilder()
                .setName(file.getFileName().toString())
                .setSize(Files.size(file))
                .build());
      }
    }
    files.sort((a, b) -> a.getName().compareTo(b.getName()));
    return new SnapshotManifest(files, sum(files));
  }

  /**
   * As it came from another node.
   *
   * @throws MalformedMessageException for what cannot be a snapshot's files
   */
  static SnapshotManifest received(List<SnapshotFile> files) {
    var names = new HashSet<String>();
    for (var file : files) {
      if (!NAME.matcher(file.getName()).matches() || !names.add(file.getName())) {
        throw new MalformedMessageException("not a file name of a snapshot: " + file.getName());
      }
      if (file.getSize() < 0) {
        throw new MalformedMessageException("no size of a file: " + file.getSize());
      }
    }
    try {
      return new SnapshotManifest(List.copyOf(files), sum(files));
    } catch (ArithmeticException e) {
      throw new MalformedMessageException("no sizes of files: " + e.getMessage());
    }
  }

  private static long sum(List<SnapshotFile> files) {
    long sum = 0;
    for (var file : files) {
      sum = Math.addExact(sum, file.getSize());
    }
    return sum;
  }

  /**
   * Checksum of the whole.
   *
   * @param crcs of the files, in order
   */
  int crc(List<Integer> crcs) {
    var crc = new CRC32C();
    for (int i = 0; i < files.size(); i++) {
      crc.update(files.get(i).getName().getBytes(StandardCharsets.UTF_8));
      crc.update(
          ByteBuffer.allocate(12).putLong(files.get(i).getSize()).putInt(crcs.get(i)).flip());
    }
    return (int) crc.getValue();
  }
}
