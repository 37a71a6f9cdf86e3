package dev.kelvin.sim;

import dev.kelvin.log.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A directory in memory that can lose power. What was forced stays; of what was not, each sector is
 * kept, lost, torn or garbled as the seed has it, and directory operations are kept up to some
 * point. A process that only died is simulated by opening again without {@link #crash}.
 */
public final class SimDisk implements Disk {
  private static final int SECTOR = 512;

  /** Power went at the operation asked for by {@link #failAfter}. */
  public static final class PowerLoss extends IOException {
    private static final long serialVersionUID = 1;
  }

  private final SplittableRandom random;
  private Map<String, Inode> names = new HashMap<>();
  private final Map<String, Inode> durableNames = new HashMap<>();
  private final List<Runnable> pending = new ArrayList<>();
  private int generation;
  private long operationsLeft = Long.MAX_VALUE;
  private boolean forceFails;
  private long capacity = Long.MAX_VALUE;
  private int forces;
  private int writes;

  public SimDisk(long seed) {
    random = new SplittableRandom(seed);
  }

  /** How many times a file was forced. */
  public int forces() {
    return forces;
  }

  /** How many writes there were. */
  public int writes() {
    return writes;
  }

  /** Makes every force fail, or no longer. */
  public void failForces(boolean fail) {
    forceFails = fail;
  }

  /** The files together may be no larger, or there is no space. */
  public void capacity(long bytes) {
    capacity = bytes;
  }

  /** Sizes of all files together. */
  public long used() {
    return names.values().stream().mapToLong(f -> f.size).sum();
  }

  /** Lets so many changing operations pass; later ones fail until {@link #crash}. */
  public void failAfter(long operations) {
    operationsLeft = operations;
  }

  /** Power loss and restart; files opened before are unusable. */
  public void crash() {
    generation++;
    operationsLeft = Long.MAX_VALUE;
    int kept = random.nextInt(pending.size() + 1);
    pending.subList(0, kept).forEach(Runnable::run);
    pending.clear();
    names = new HashMap<>(durableNames);
    // In the order of names, so that a seed always means the same.
    new TreeMap<>(names).values().forEach(f -> f.crash(random));
  }

  /** Garbles bytes that may have been forced, as a failing device would. */
  public void corrupt(String name, int from, int to) {
    byte[] data = names.get(name).data;
    for (int i = from; i < to; i++) {
      data[i] ^= (byte) (1 + random.nextInt(255));
    }
  }

  /** A file's bytes as a reader sees them. */
  public byte[] bytes(String name) {
    Inode f = names.get(name);
    return Arrays.copyOf(f.data, f.size);
  }

  private void step() throws IOException {
    if (operationsLeft-- <= 0) {
      operationsLeft = 0;
      throw new PowerLoss();
    }
  }

  private Inode find(String name) throws IOException {
    Inode f = names.get(name);
    if (f == null) {
      throw new IOException("no file " + name);
    }
    return f;
  }

  @Override
  public List<String> list() {
    return names.keySet().stream().sorted().toList();
  }

  @Override
  public File create(String name) throws IOException {
    step();
    if (names.containsKey(name)) {
      throw new IOException("exists: " + name);
    }
    Inode f = new Inode();
    names.put(name, f);
    pending.add(() -> durableNames.put(name, f));
    return new Handle(f, generation);
  }

  @Override
  public File open(String name) throws IOException {
    return new Handle(find(name), generation);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    step();
    find(from);
    names.put(to, names.remove(from));
    pending.add(() -> durableNames.put(to, durableNames.remove(from)));
  }

  @Override
  public void delete(String name) throws IOException {
    step();
    find(name);
    names.remove(name);
    pending.add(() -> durableNames.remove(name));
  }

  @Override
  public void sync() throws IOException {
    step();
    pending.forEach(Runnable::run);
    pending.clear();
  }

  private static final class Inode {
    byte[] data = new byte[0];
    int size;
    int durableSize;
    // What the device holds of each sector that was written since the last force.
    final TreeMap<Integer, byte[]> before = new TreeMap<>();

    void grow(int to) {
      if (to > data.length) {
        data = Arrays.copyOf(data, Math.max(to + SECTOR & -SECTOR, data.length * 2));
      }
      size = Math.max(size, to);
    }

    void write(ByteBuffer source, int position) {
      int length = source.remaining();
      grow(position + length);
      for (int s = position / SECTOR; s * SECTOR < position + length; s++) {
        if (!before.containsKey(s)) {
          before.put(s, Arrays.copyOfRange(data, s * SECTOR, s * SECTOR + SECTOR));
        }
      }
      source.get(data, position, length);
    }

    void force() {
      before.clear();
      durableSize = size;
    }

    void crash(SplittableRandom random) {
      before.forEach((s, old) -> crashSector(random, s * SECTOR, old));
      before.clear();
      if (size > durableSize && random.nextBoolean()) {
        size = durableSize;
        Arrays.fill(data, size, data.length, (byte) 0);
      }
      durableSize = size;
    }

    private void crashSector(SplittableRandom random, int at, byte[] old) {
      int split = random.nextInt(SECTOR);
      switch (random.nextInt(6)) {
        case 0, 1 -> {}
        case 2, 3 -> System.arraycopy(old, 0, data, at, SECTOR);
        case 4 -> System.arraycopy(old, split, data, at + split, SECTOR - split);
        default -> {
          // Only what was being changed: a device does not spoil what it had made durable.
          for (int i = 0; i < SECTOR && at + i < data.length; i++) {
            data[at + i] = data[at + i] == old[i] ? old[i] : (byte) random.nextInt();
          }
        }
      }
    }
  }

  private final class Handle implements File {
    private final Inode inode;
    private final int born;
    private boolean closed;

    Handle(Inode inode, int born) {
      this.inode = inode;
      this.born = born;
    }

    private void check() throws IOException {
      if (closed || born != generation) {
        throw new IOException("file is closed");
      }
    }

    @Override
    public long size() throws IOException {
      check();
      return inode.size;
    }

    @Override
    public void allocate(long size) throws IOException {
      check();
      step();
      if (size > inode.size && used() - inode.size + size > capacity) {
        inode.grow((int) Math.max(inode.size, Math.min(size, capacity - used() + inode.size)));
        throw new NoSpaceException("no space for " + size + " bytes", null);
      }
      inode.grow(Math.toIntExact(size));
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      check();
      int n = Math.clamp(inode.size - position, 0, target.remaining());
      target.put(inode.data, (int) Math.min(position, inode.size), n);
      return n;
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      check();
      step();
      writes++;
      inode.write(source, Math.toIntExact(position));
    }

    @Override
    public void force() throws IOException {
      check();
      step();
      if (forceFails) {
        throw new IOException("force failed");
      }
      forces++;
      inode.force();
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
