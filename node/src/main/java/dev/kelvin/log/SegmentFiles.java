package dev.kelvin.log;

import java.io.IOException;
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

  /** Deletes what an interrupted creation left. */
  void clean() throws IOException {
    for (String name : disk.list()) {
      if (name.equals(TEMPORARY) || name.equals(SPARE_TEMPORARY)) {
        disk.delete(name);
      }
    }
  }

  /** A new segment, durable under its name. */
  Segment create(SegmentHeader header, long records) throws IOException {
    long size = Math.max(config.segmentBytes(), SegmentHeader.SIZE + records);
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
      file = disk.create(TEMPORARY);
      file.allocate(size);
    }
    file.write(header.encode(), 0);
    file.force();
    String name = Segment.name(header.number());
    disk.rename(from, name);
    disk.sync();
    return new Segment(header, file, size);
  }

  boolean hasSpare() throws IOException {
    return disk.list().stream().anyMatch(n -> n.endsWith(SPARE));
  }

  /** Makes a file ready for a segment to come, beside whatever the other methods do. */
  void prepareSpare(long number) throws IOException {
    try (Disk.File file = disk.create(SPARE_TEMPORARY)) {
      file.allocate(config.segmentBytes());
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
