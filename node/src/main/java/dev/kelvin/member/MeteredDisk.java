package dev.kelvin.member;

import dev.kelvin.log.Disk;
import dev.kelvin.meter.Histogram;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** The log's disk with a clock at its writes and forces: the log itself reads none. */
final class MeteredDisk implements Disk {
  private final Disk disk;

  /** etcd's bounds: 1 ms, doubled up to 8.2 s. */
  private final Histogram forces = Histogram.exponential(0.001, 2, 14);

  /** As those. */
  private final Histogram writes = Histogram.exponential(0.001, 2, 14);

  private final LongAdder writtenBytes = new LongAdder();

  MeteredDisk(Disk disk) {
    this.disk = disk;
  }

  /** In seconds. */
  Histogram forces() {
    return forces;
  }

  /** In seconds. */
  Histogram writes() {
    return writes;
  }

  long writtenBytes() {
    return writtenBytes.sum();
  }

  @Override
  public List<String> list() throws IOException {
    return disk.list();
  }

  @Override
  public File create(String name) throws IOException {
    return new MeteredFile(disk.create(name));
  }

  @Override
  public File open(String name) throws IOException {
    return new MeteredFile(disk.open(name));
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

  private final class MeteredFile implements File {
    private final File file;

    private MeteredFile(File file) {
      this.file = file;
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
      int bytes = source.remaining();
      long begin = System.nanoTime();
      file.write(source, position);
      writes.recordSince(begin);
      writtenBytes.add(bytes);
    }

    @Override
    public void force() throws IOException {
      long begin = System.nanoTime();
      file.force();
      forces.recordSince(begin);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
