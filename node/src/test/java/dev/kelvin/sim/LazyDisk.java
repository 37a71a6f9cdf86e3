package dev.kelvin.sim;

import dev.kelvin.log.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A disk that says it has synced, and does so only before the next write. */
final class LazyDisk implements Disk {
  private final Disk disk;
  private LazyFile newest;

  LazyDisk(Disk disk) {
    this.disk = disk;
  }

  @Override
  public List<String> list() throws IOException {
    return disk.list();
  }

  @Override
  public File create(String name) throws IOException {
    settleNewest();
    newest = new LazyFile(disk.create(name));
    return newest;
  }

  @Override
  public File open(String name) throws IOException {
    settleNewest();
    newest = new LazyFile(disk.open(name));
    return newest;
  }

  @Override
  public void rename(String from, String to) throws IOException {
    disk.rename(from, to);
  }

  @Override
  public void delete(String name) throws IOException {
    disk.delete(name);
  }

  @Override
  public void sync() throws IOException {
    disk.sync();
  }

  private void settleNewest() {
    try {
      if (newest != null) {
        newest.settle();
      }
    } catch (IOException e) {
      // It was opened by a process that is dead.
      newest = null;
    }
  }

  private static final class LazyFile implements Disk.File {
    private final Disk.File file;
    private boolean begun;
    private boolean owed;

    private LazyFile(Disk.File file) {
      this.file = file;
    }

    @Override
    public void force() throws IOException {
      // The first makes the file's header durable.
      if (begun) {
        owed = true;
      } else {
        begun = true;
        file.force();
      }
    }

    private void settle() throws IOException {
      if (owed) {
        owed = false;
        file.force();
      }
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void allocate(long size) throws IOException {
      file.allocate(size);
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return file.read(target, position);
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      settle();
      file.write(source, position);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
