package dev.kelvin.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import org.rocksdb.Env;

/**
 * A directory of databases, each in a directory of its own with a number for a name; the file
 * {@code LIVE} names the one in use. Whatever it does not name is left over and deleted at the next
 * start.
 */
public final class FileStoreDirectory implements StoreDirectory {
  private static final String POINTER = "LIVE";

  private final Path path;
  private String live;
  private long next;

  private FileStoreDirectory(Path path) throws IOException {
    this.path = path;
    Files.createDirectories(path);
    var pointer = path.resolve(POINTER);
    if (Files.exists(pointer)) {
      live = Files.readString(pointer).strip();
      if (!Files.isDirectory(path.resolve(live))) {
        throw new IOException(
            pointer
                + " names database "
                + live
                + ", which is not there; this member's data are lost: remove it from the cluster and let it join again with an empty directory");
      }
      next = Long.parseLong(live) + 1;
    }
    try (var entries = Files.newDirectoryStream(path, Files::isDirectory)) {
      for (var entry : entries) {
        var name = entry.getFileName().toString();
        if (!name.equals(live)) {
          delete(entry);
        }
      }
    }
    if (live == null) {
      live = "0";
      next = 1;
      point(live);
    }
  }

  /** Opens the directory, which need not exist. */
  public static FileStoreDirectory open(Path path) {
    try {
      return new FileStoreDirectory(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  @Override
  public Env env() {
    return Env.getDefault();
  }

  @Override
  public synchronized String live() {
    return path.resolve(live).toString();
  }

  @Override
  public synchronized String fresh() {
    return path.resolve(Long.toString(next++)).toString();
  }

  @Override
  public synchronized void adopt(String adopted) {
    var name = Path.of(adopted).getFileName().toString();
    try {
      point(name);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + adopted + " the live database: " + e, e);
    }
    live = name;
  }

  /** Writes the pointer, after the database it names is sure to be there. */
  private void point(String name) throws IOException {
    Files.createDirectories(path.resolve(name));
    sync(path.resolve(name));
    var temporary = path.resolve(POINTER + ".next");
    try (var file =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(name.getBytes(StandardCharsets.US_ASCII)));
      file.force(true);
    }
    Files.move(temporary, path.resolve(POINTER), StandardCopyOption.ATOMIC_MOVE);
    sync(path);
  }

  private static void sync(Path directory) throws IOException {
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public void discard(String discarded) {
    try {
      delete(Path.of(discarded));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + discarded + ": " + e, e);
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
