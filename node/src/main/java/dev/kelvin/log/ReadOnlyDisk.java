package dev.kelvin.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A log's directory to be looked at: what opening a log would change is left as it is. A log opened
 * on it shows what a start would find, and must not be written to.
 */
public final class ReadOnlyDisk implements Disk {
  private final Path directory;

  public ReadOnlyDisk(Path directory) {
    this.directory = directory;
  }

  @Override
  public List<String> list() throws IOException {
    return FileDisk.list(directory);
  }

  @Override
  public Disk.File create(String name) {
    throw new UnsupportedOperationException("only for reading: " + directory);
  }

  @Override
  public Disk.File open(String name) throws IOException {
    return new ReadOnlyFile(FileChannel.open(directory.resolve(name), StandardOpenOption.READ));
  }

  @Override
  public void rename(String from, String to) {}

  @Override
  public void delete(String name) {}

  @Override
  public void sync() {}

  private record ReadOnlyFile(FileChannel channel) implements Disk.File {
    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public void allocate(long size) {
      throw new UnsupportedOperationException("only for reading");
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return FileDisk.read(channel, target, position);
    }

    /** Erasing a torn tail is for the next start. */
    @Override
    public void write(ByteBuffer source, long position) {}

    @Override
    public void force() {}

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
