package dev.kelvin.member;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Optional;

/**
 * A node's directory: {@code LOCK} (held while a process uses it), {@code identity}, {@code raft/}
 * (the log) and {@code store/}; beside them what was set aside. What is in {@code raft/} and {@code
 * store/} counts only once the identity names a member: it is written last.
 */
final class DataDirectory implements AutoCloseable {
  private static final String IDENTITY = "identity";

  private final Path path;
  private final FileChannel lockFile;
  private final FileLock lock;

  private DataDirectory(Path path, FileChannel lockFile, FileLock lock) {
    this.path = path;
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /**
   * Creates the directory if need be, and locks it.
   *
   * @throws StartException when another process uses it, or it cannot be used
   */
  static DataDirectory open(Path path) {
    try {
      Files.createDirectories(path);
      var channel =
          FileChannel.open(
              path.resolve("LOCK"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock;
      try {
        lock = channel.tryLock();
      } catch (OverlappingFileLockException e) {
        lock = null;
      }
      if (lock == null) {
        channel.close();
        throw new StartException(
            "data directory %s is in use by another process; stop that one, or give this node a directory of its own with --data-dir"
                .formatted(path));
      }
      return new DataDirectory(path, channel, lock);
    } catch (IOException e) {
      throw new StartException(
          "cannot use data directory %s: %s; give this node a directory that it may write, with --data-dir"
              .formatted(path, e),
          e);
    }
  }

  /**
   * Opens a directory to look at it: it must be there, and nothing is changed.
   *
   * @throws StartException when it is not there, or another process uses it
   */
  static DataDirectory inspect(Path path) {
    if (!Files.isDirectory(path)) {
      throw new StartException("there is no data directory " + path);
    }
    var file = path.resolve("LOCK");
    if (!Files.exists(file)) {
      return new DataDirectory(path, null, null);
    }
    try {
      var channel = FileChannel.open(file, StandardOpenOption.READ);
      FileLock lock;
      try {
        lock = channel.tryLock(0, Long.MAX_VALUE, true);
      } catch (OverlappingFileLockException e) {
        lock = null;
      }
      if (lock == null) {
        channel.close();
        throw new StartException(
            "data directory %s is in use by another process; stop that one first".formatted(path));
      }
      return new DataDirectory(path, channel, lock);
    } catch (IOException e) {
      throw new StartException("cannot look at data directory " + path + ": " + e, e);
    }
  }

  Path identityFile() {
    return path.resolve(IDENTITY);
  }

  Path raft() {
    return path.resolve("raft");
  }

  Path store() {
    return path.resolve("store");
  }

  /** File system that the directory is on. */
  FileStore disk() {
    try {
      return Files.getFileStore(path);
    } catch (IOException e) {
      throw new StartException("cannot find the file system of " + path + ": " + e, e);
    }
  }

  Path path() {
    return path;
  }

  /** Reads the identity; makes one, of a node that waits, where there is none. */
  Identity identity() {
    var stored = storedIdentity();
    if (stored.isPresent()) {
      return stored.get();
    }
    var fresh = Identity.fresh(Ids.random());
    save(fresh);
    return fresh;
  }

  /**
   * Empty on an empty disk.
   *
   * @throws StartException when it cannot be read, or is missing where there are data
   */
  Optional<Identity> storedIdentity() {
    try {
      return Optional.of(Identity.parse(Files.readString(path.resolve(IDENTITY))));
    } catch (NoSuchFileException e) {
      if (Files.exists(raft()) || Files.exists(store())) {
        throw new StartException(
            "%s holds data but no file '%s', which says whose they are; put the file back, or move the directory away and let this node join as a new member"
                .formatted(path, IDENTITY),
            e);
      }
      return Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      throw new StartException(
          "cannot read %s: %s; without it nobody knows whose the data are: put the file back, or move the directory away and let this node join as a new member"
              .formatted(path.resolve(IDENTITY), e.getMessage()),
          e);
    }
  }

  /** Replaces the identity, atomically and durably. */
  void save(Identity identity) {
    try {
      var next = path.resolve(IDENTITY + ".next");
      try (var channel =
          FileChannel.open(
              next,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        var bytes = ByteBuffer.wrap(identity.toText().getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(next, path.resolve(IDENTITY), StandardCopyOption.ATOMIC_MOVE);
      sync(path);
    } catch (IOException e) {
      throw new StartException("cannot write the identity into " + path + ": " + e, e);
    }
  }

  private static void sync(Path directory) throws IOException {
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Removes what a founding or joining that was never completed left, and makes room for that of
   * this incarnation.
   */
  void clear(long incarnation) {
    try {
      for (var directory : new Path[] {raft(), store()}) {
        if (Files.exists(directory)) {
          try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
              Files.delete(file);
            }
          }
        }
      }
      Files.createDirectories(raft());
      Files.createDirectories(store());
      DataCheck.own(raft(), incarnation);
      DataCheck.own(store(), incarnation);
    } catch (IOException e) {
      throw new StartException("cannot clear " + path + ": " + e, e);
    }
  }

  /**
   * Renames a removed identity and its data, so that the directory is empty again. The identity
   * goes last: a crash in between leaves a removed one, whose data nobody asks for.
   *
   * @return where they are now
   */
  Path setAside(Identity identity) {
    try {
      var aside = path.resolve("set-aside-%016x".formatted(identity.memberId()));
      Files.createDirectories(aside);
      for (var part : new Path[] {raft(), store(), path.resolve(IDENTITY)}) {
        if (Files.exists(part)) {
          Files.move(part, aside.resolve(part.getFileName()), StandardCopyOption.ATOMIC_MOVE);
        }
      }
      sync(path);
      return aside;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (lock == null) {
      return;
    }
    try {
      lock.release();
      lockFile.close();
    } catch (IOException e) {
      throw new StartException("cannot unlock " + path + ": " + e, e);
    }
  }
}
