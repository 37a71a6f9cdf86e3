package dev.kelvin.log;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Makes, recycles and removes segment files so that a crash at any step leaves a readable log. */
final class SegmentFiles {
  private static final String TEMPORARY = "new.tmp";
  private static final String SPARE_TEMPORARY = "spare.tmp";
  private static final String SPARE = ".spare";
  private final Disk disk;
  private final LogConfig config;

  SegmentFiles(Disk disk, LogConfig config) {
    this.disk = disk;
    this.config = config;
  }

  /** Numbers of the segments there are, ascending. */
  static long[] numbers(Disk disk) throws IOException {
    return disk.list().stream()
        .filter(n -> n.length() == 16 + Segment.SUFFIX.length() && n.endsWith(Segment.SUFFIX))
        .mapToLong(n -> Long.parseLong(n.substring(0, 16), 16))
        .sorted()
        .toArray();
  }

  /** Deletes what an interrupted creation left, and spares of a size that is not the usual one. */
  void clean() throws IOException {
    for (String name : disk.list()) {
      boolean temporary = name.equals(TEMPORARY) || name.equals(SPARE_TEMPORARY);
      if (temporary || name.endsWith(SPARE) && size(name) != config.segmentBytes()) {
        disk.delete(name);
      }
    }
  }

  private long size(String name) throws IOException {
    try (Disk.File file = disk.open(name)) {
      return file.size();
    }
  }

  /** For a new segment. */
  long salt() {
    return config.salts().getAsLong();
  }

  /** Size of a segment that begins with so many bytes of record. */
  long segmentSize(long records) {
    return Math.max(config.segmentBytes(), SegmentHeader.SIZE + records);
  }

  /** A new segment, durable under its name. */
  Segment create(SegmentHeader header, long records) throws IOException {
    long size = segmentSize(records);
    List<String> spares = disk.list().stream().filter(n -> n.endsWith(SPARE)).sorted().toList();
    Disk.File file = null;
    String from = TEMPORARY;
    for (String spare : spares) {
      Disk.File candidate = disk.open(spare);
      if (file == null && candidate.size() == size) {
        file = candidate;
        from = spare;
      } else {
        candidate.close();
      }
    }
    if (file == null) {
      file = allocated(TEMPORARY, size);
    }
    file.write(header.encode(), 0);
    file.force();
    String name = Segment.name(header.number());
    disk.rename(from, name);
    disk.sync();
    return new Segment(header, file, size);
  }

  /**
   * Makes sure that segments for so many bytes of records each can be created without more space.
   *
   * @param number of the newest segment there is
   * @throws Disk.NoSpaceException when there is not enough; nothing is left behind
   */
  void reserve(long number, List<Integer> records) throws IOException {
    List<Long> there = new ArrayList<>();
    for (String name : disk.list()) {
      if (name.endsWith(SPARE)) {
        there.add(size(name));
      }
    }
    int made = 0;
    for (int bytes : records) {
      long size = segmentSize(bytes);
      if (!there.remove((Long) size)) {
        String name;
        do {
          name = String.format("%016x-%d%s", number, made++, SPARE);
        } while (disk.list().contains(name));
        try (Disk.File file = allocated(TEMPORARY, size)) {
          file.force();
        }
        disk.rename(TEMPORARY, name);
      }
    }
  }

  private Disk.File allocated(String name, long size) throws IOException {
    Disk.File file = disk.create(name);
    try {
      file.allocate(size);
      return file;
    } catch (Disk.NoSpaceException e) {
      // What little it took may be all that others need.
      file.close();
      disk.delete(name);
      throw e;
    }
  }

  boolean hasSpare() throws IOException {
    return disk.list().stream().anyMatch(n -> n.endsWith(SPARE));
  }

  /** Makes a file ready for a segment to come, beside whatever the other methods do. */
  void prepareSpare(long number) throws IOException {
    try (Disk.File file = allocated(SPARE_TEMPORARY, config.segmentBytes())) {
      file.force();
    }
    disk.rename(SPARE_TEMPORARY, String.format("%016x%s", number, SPARE));
  }

  /** Removes segments from the oldest on, keeping some files for use again. */
  void drop(List<Segment> segments) throws IOException {
    long spares = disk.list().stream().filter(n -> n.endsWith(SPARE)).count();
    for (Segment s : segments) {
      s.file.close();
      if (spares < config.spareSegments() && s.fileSize == config.segmentBytes()) {
        spares++;
        disk.rename(s.name(), String.format("%016x%s", s.header.number(), SPARE));
      } else {
        disk.delete(s.name());
      }
    }
    disk.sync();
  }
}
