package dev.kelvin.log;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A directory of the operating system. Threads that use it must not be interrupted: an interrupt
 * closes a {@link FileChannel} for everybody.
 */
public final class FileDisk implements Disk {
  private static final int CHUNK = 1 << 20;
  private final Path directory;

  /** Uses a directory, creating it (and its name durably) when absent. */
  public FileDisk(Path directory) {
    this.directory = directory.toAbsolutePath();
    try {
      if (!Files.isDirectory(this.directory)) {
        Files.createDirectories(this.directory);
        force(this.directory.getParent());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + directory + ": " + e, e);
    }
  }

  @Override
  public List<String> list() throws IOException {
    return list(directory);
  }

  @Override
  public Disk.File create(String name) throws IOException {
    try {
      return open(name, StandardOpenOption.CREATE_NEW);
    } catch (IOException e) {
      throw refined(e, directory.resolve(name), 1);
    }
  }

  @Override
  public Disk.File open(String name) throws IOException {
    return open(name, StandardOpenOption.WRITE);
  }

  private Disk.File open(String name, StandardOpenOption how) throws IOException {
    var path = directory.resolve(name);
    return new ChannelFile(
        path, FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, how));
  }

  /**
   * Whether it was for want of space. The JDK hands on the system's text only, in the system's
   * language, hence the look at what is left.
   */
  private static IOException refined(IOException e, Path path, long needed) {
    var text = String.valueOf(e.getMessage());
    boolean full = text.contains("No space left") || text.contains("quota exceeded");
    try {
      full |= Files.getFileStore(path.getParent()).getUsableSpace() < needed;
    } catch (IOException unknown) {
      e.addSuppressed(unknown);
    }
    return full ? new NoSpaceException("no space for " + needed + " bytes of " + path, e) : e;
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Files.move(directory.resolve(from), directory.resolve(to), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(String name) throws IOException {
    Files.delete(directory.resolve(name));
  }

  @Override
  public void sync() throws IOException {
    force(directory);
  }

  /** Names of what is in a directory. */
  static List<String> list(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(p -> p.getFileName().toString()).toList();
    }
  }

  /** As {@link Disk.File#read}. */
  static int read(FileChannel channel, ByteBuffer target, long position) throws IOException {
    int total = 0;
    while (target.hasRemaining()) {
      int n = channel.read(target, position + total);
      if (n < 0) {
        break;
      }
      total += n;
    }
    return total;
  }

  private static void force(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private record ChannelFile(Path path, FileChannel channel) implements Disk.File {
    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public void allocate(long size) throws IOException {
      // Not even begun where it cannot succeed: others may live on the little there is.
      long needed = size - channel.size();
      if (needed > Files.getFileStore(path).getUsableSpace()) {
        throw new NoSpaceException("no space for " + needed + " bytes of " + path, null);
      }
      ByteBuffer zeros = ByteBuffer.allocateDirect(CHUNK);
      for (long at = channel.size(); at < size; ) {
        zeros.clear().limit((int) Math.min(CHUNK, size - at));
        try {
          write(zeros, at);
        } catch (IOException e) {
          throw refined(e, path, size - at);
        }
        at += zeros.limit();
      }
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return FileDisk.read(channel, target, position);
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      long at = position;
      while (source.hasRemaining()) {
        int n = channel.write(source, at);
        if (n <= 0) {
          throw new EOFException("nothing written at " + at);
        }
        at += n;
      }
    }

    @Override
    public void force() throws IOException {
      channel.force(false);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
