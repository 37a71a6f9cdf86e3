package dev.kelvin.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.rocksdb.Env;

/**
 * Databases as numbered directories beside a file that names the live one. That file is replaced by
 * rename, so that a crash leaves the old or the new one; what it does not name is left over and
 * deleted at the next start.
 */
public final class FileStoreDirectory implements StoreDirectory {
  private static final String POINTER = "live";

  /** Says whose data directory this is part of; not ours. */
  private static final String OWNER = "owner";

  private final Path directory;
  private final List<String> leftovers = new ArrayList<>();
  private long last;
  private String live;

  private FileStoreDirectory(Path directory) {
    this.directory = directory;
  }

  /** Opens a directory, which is created if absent, and deletes what a crash left over. */
  public static FileStoreDirectory open(Path directory) {
    var opened = new FileStoreDirectory(directory);
    try {
      Files.createDirectories(directory);
      sync(directory.toAbsolutePath().getParent());
      opened.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return opened;
  }

  /**
   * The live database of a directory that nobody uses; empty while there is none. Changes nothing.
   *
   * @throws IllegalStateException when it cannot be told which one it is
   */
  public static Optional<Path> liveDatabase(Path directory) {
    try {
      return Optional.ofNullable(new FileStoreDirectory(directory).liveName())
          .map(directory::resolve);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String liveName() throws IOException {
    var pointer = directory.resolve(POINTER);
    String name = Files.exists(pointer) ? Files.readString(pointer).strip() : null;
    refuseUnknown(pointer, name);
    return name;
  }

  private void start() throws IOException {
    var name = liveName();
    try (var children = Files.newDirectoryStream(directory)) {
      for (var child : children) {
        var found = child.getFileName().toString();
        if (found.equals(name)) {
          last = Math.max(last, Long.parseLong(found));
        } else if (!found.equals(POINTER) && !found.equals(OWNER)) {
          delete(child);
          leftovers.add(found);
        }
      }
    }
    if (name == null) {
      // Before the pointer is synced, and so is its entry: RocksDB syncs only what is inside.
      adopt(Files.createDirectory(Path.of(fresh())).toString());
    } else {
      live = directory.resolve(name).toString();
    }
  }

  /**
   * Names of what was deleted at the start: checkpoints and snapshots whose sending, receiving or
   * installation was interrupted, and databases that a snapshot had replaced.
   */
  public List<String> leftovers() {
    return List.copyOf(leftovers);
  }

  /** What is not named is deleted: so the name must be one that was written here. */
  private void refuseUnknown(Path pointer, String name) throws IOException {
    if (name == null) {
      try (var children = Files.newDirectoryStream(directory, Files::isDirectory)) {
        for (var child : children) {
          // A first start that was interrupted leaves an empty one.
          if (Files.exists(child.resolve("CURRENT"))) {
            throw new IllegalStateException(
                "file %s, which names the live database, is missing, but there is %s; put the file back, with the name of that directory in it"
                    .formatted(pointer, child));
          }
        }
      }
    } else if (!name.matches("[0-9]{1,18}") || !Files.isDirectory(directory.resolve(name))) {
      throw new IllegalStateException(
          "file %s names \"%s\", and there is no such database; put the file or the database back"
              .formatted(pointer, name));
    }
  }

  @Override
  public Env env() {
    return Env.getDefault();
  }

  @Override
  public synchronized String live() {
    return live;
  }

  @Override
  public synchronized String fresh() {
    last++;
    return directory.resolve(Long.toString(last)).toString();
  }

  @Override
  public synchronized void adopt(String path) {
    var name = Path.of(path).getFileName().toString();
    var next = directory.resolve(POINTER + ".new");
    try {
      try (var file =
          FileChannel.open(
              next,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        var bytes = ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          file.write(bytes);
        }
        file.force(true);
      }
      // What the pointer will name must not become durable after the pointer.
      sync(directory);
      Files.move(
          next,
          directory.resolve(POINTER),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try {
      sync(directory);
    } catch (IOException e) {
      throw new IllegalStateException("cannot tell which database is live after a power loss", e);
    }
    live = path;
  }

  private static void sync(Path directory) throws IOException {
    if (directory != null) {
      try (var entries = FileChannel.open(directory, StandardOpenOption.READ)) {
        entries.force(true);
      }
    }
  }

  @Override
  public void discard(String path) {
    var discarded = Path.of(path);
    if (!directory.equals(discarded.getParent())) {
      throw new IllegalArgumentException(path + " is not in " + directory);
    }
    try {
      delete(discarded);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
