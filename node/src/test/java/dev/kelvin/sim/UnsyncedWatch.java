package dev.kelvin.sim;

import dev.kelvin.log.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Remembers what was written and not yet synced, to tell what a power loss did to it. */
final class UnsyncedWatch implements Disk {
  /** What became of unsynced writes. */
  enum Fate {
    KEPT,
    LOST,
    TORN
  }

  private record Write(long position, byte[] before, byte[] bytes) {}

  private final SimDisk disk;
  private final Map<String, List<Write>> unsynced = new TreeMap<>();

  UnsyncedWatch(SimDisk disk) {
    this.disk = disk;
  }

  /** To be called once after a crash: later calls know nothing of it. */
  Fate lookAfterCrash() {
    int there = 0;
    int gone = 0;
    var names = disk.list();
    for (var file : unsynced.entrySet()) {
      var bytes = names.contains(file.getKey()) ? disk.bytes(file.getKey()) : new byte[0];
      for (var write : file.getValue()) {
        int from = (int) Math.min(bytes.length, write.position);
        var now = Arrays.copyOfRange(bytes, from, from + write.bytes.length);
        for (int i = 0; i < now.length; i++) {
          if (write.bytes[i] != write.before[i]) {
            there += now[i] == write.bytes[i] ? 1 : 0;
            gone += now[i] == write.bytes[i] ? 0 : 1;
          }
        }
      }
    }
    unsynced.clear();
    return gone == 0 ? Fate.KEPT : there == 0 ? Fate.LOST : Fate.TORN;
  }

  @Override
  public List<String> list() throws IOException {
    return disk.list();
  }

  @Override
  public File create(String name) throws IOException {
    return new Watched(name, disk.create(name));
  }

  @Override
  public File open(String name) throws IOException {
    return new Watched(name, disk.open(name));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    disk.rename(from, to);
    var moved = unsynced.remove(from);
    if (moved != null) {
      unsynced.put(to, moved);
    }
  }

  @Override
  public void delete(String name) throws IOException {
    disk.delete(name);
    unsynced.remove(name);
  }

  @Override
  public void sync() throws IOException {
    disk.sync();
  }

  private final class Watched implements File {
    private final String name;
    private final File file;

    private Watched(String name, File file) {
      this.name = name;
      this.file = file;
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      var bytes = new byte[source.remaining()];
      source.duplicate().get(bytes);
      var before = new byte[bytes.length];
      file.read(ByteBuffer.wrap(before), position);
      file.write(source, position);
      unsynced
          .computeIfAbsent(name, n -> new ArrayList<>())
          .add(new Write(position, before, bytes));
    }

    @Override
    public void force() throws IOException {
      file.force();
      unsynced.remove(name);
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
    public void close() throws IOException {
      file.close();
    }
  }
}
