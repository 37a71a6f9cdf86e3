package dev.kelvin.log;

import dev.kelvin.raft.Entry;
import dev.kelvin.raft.EntrySource;
import dev.kelvin.raft.HardState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The durable Raft log: entries and hard state in preallocated segment files (docs/log-format.md).
 *
 * <p>One thread writes ({@link #append}, {@link #sync}, {@link #truncatePrefix}, {@link #reset},
 * {@link #close}); any thread reads beside it. Entries can be read once appended; they are sure to
 * survive a power loss once {@link #sync} has returned. After a failed write or force every later
 * write fails with {@link FatalLogException}.
 */
public final class DurableLog implements EntrySource, AutoCloseable {
  private static final int BUFFER = 1 << 16;
  private static final int BUFFER_MAX = 1 << 20;

  private final SegmentFiles files;
  private final LogIndex index;
  private final LogReader reader;
  private final RecordFormat format = new RecordFormat();
  private ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
  private volatile HardState hardState;
  private volatile Throwable failure;
  private volatile boolean spareWanted = true;
  private Segment active;
  // Where the buffer will be written; where records end on disk up to which they are forced.
  private long position;
  private long synced;
  private boolean dirty;

  private DurableLog(SegmentFiles files, LogIndex index, HardState hardState, Segment active) {
    this.files = files;
    this.index = index;
    this.reader = new LogReader(index);
    this.hardState = hardState;
    this.active = active;
  }

  /** Whether a log was completely created here. */
  public static boolean exists(Disk disk) {
    try {
      return SegmentFiles.numbers(disk).length > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Makes an empty, durable log whose first entry will be {@code baseIndex + 1}.
   *
   * @throws IllegalStateException when there is a log already
   */
  public static DurableLog create(
      Disk disk, LogConfig config, HardState hardState, long baseIndex, long baseTerm) {
    if (exists(disk)) {
      throw new IllegalStateException("there is a log already");
    }
    try {
      SegmentFiles files = new SegmentFiles(disk, config);
      files.clean();
      SegmentHeader header =
          new SegmentHeader(1, true, baseIndex, baseTerm, hardState, 0, files.salt());
      Segment segment = files.create(header, 0);
      LogIndex index = new LogIndex(config.cacheBytes());
      index.restart(segment);
      DurableLog log = new DurableLog(files, index, hardState, segment);
      log.position = log.synced = SegmentHeader.SIZE;
      return log;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Opens a log; all it then holds is durable. The commit index of the hard state is lowered to the
   * last entry when entries behind it were in the torn tail.
   *
   * @throws IllegalStateException when none was created
   * @throws CorruptLogException when something is missing that had been durable
   */
  public static DurableLog open(Disk disk, LogConfig config) {
    try {
      SegmentFiles files = new SegmentFiles(disk, config);
      files.clean();
      long[] numbers = SegmentFiles.numbers(disk);
      if (numbers.length == 0) {
        throw new IllegalStateException("no log was created here");
      }
      return new DurableLog(files, new LogIndex(config.cacheBytes()), HardState.EMPTY, null)
          .recover(disk, numbers);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private DurableLog recover(Disk disk, long[] numbers) throws IOException {
    List<Segment> segments = new ArrayList<>();
    List<Segment> dead = new ArrayList<>();
    for (long number : numbers) {
      Disk.File file = disk.open(Segment.name(number));
      SegmentHeader header = SegmentHeader.read(file, Segment.name(number), number);
      if (header.reset()) {
        dead.addAll(segments);
        segments.clear();
      }
      segments.add(new Segment(header, file, file.size()));
    }
    Recovery recovery = new Recovery(index);
    for (int i = 0; i < segments.size(); i++) {
      Segment s = segments.get(i);
      if (i == 0) {
        index.restart(s);
      } else {
        follow(segments.get(i - 1), s);
      }
      boolean newest = i == segments.size() - 1;
      position = recovery.replay(s, newest ? -1 : segments.get(i + 1).header.previousEnd());
    }
    active = index.active();
    recovery.erase(active, position);
    active.file.force();
    // The names found may not be durable yet: the last process may have died before its sync.
    disk.sync();
    synced = position;
    HardState hs = recovery.hardState;
    hardState = new HardState(hs.term(), hs.vote(), Math.min(hs.commit(), index.last()));
    if (!dead.isEmpty()) {
      files.drop(dead);
    }
    return this;
  }

  private void follow(Segment before, Segment s) {
    SegmentHeader h = s.header;
    if (h.number() != before.header.number() + 1) {
      throw new CorruptLogException(
          Segment.name(before.header.number() + 1),
          0,
          "the segment is missing; entries from index " + (index.last() + 1) + " on are lost");
    }
    if (h.baseIndex() < index.first() - 1
        || h.baseIndex() > index.last()
        || index.term(h.baseIndex()) != h.baseTerm()) {
      throw new CorruptLogException(
          s.name(), 0, "base entry " + h.baseIndex() + " is not in the segments before");
    }
    index.addSegment(s);
  }

  /** The newest hard state appended. */
  public HardState hardState() {
    return hardState;
  }

  @Override
  public long firstIndex() {
    return index.first();
  }

  @Override
  public long lastIndex() {
    return index.last();
  }

  /** Term of the last entry. */
  public long lastTerm() {
    return index.lastTerm();
  }

  @Override
  public long term(long i) {
    return index.term(i);
  }

  @Override
  public List<Entry> entries(long from, long to, long maxBytes) {
    return reader.entries(from, to, maxBytes);
  }

  /**
   * Writes entries and hard state. Entries that begin at or below {@link #lastIndex} replace the
   * suffix from there on.
   *
   * @param hs new hard state, or null when unchanged
   * @throws LogFullException when there is no space for a segment that this needs
   */
  public void append(HardState hs, List<Entry> entries) {
    check(entries);
    reserve(SegmentPlan.beginnings(files, active, position, index.last(), hs, entries));
    change(
        () -> {
          // Term and vote first, so that no torn tail can keep entries of a term and lose the term.
          // But there the commit index must not reach into the entries: without them, or with those
          // they replace, it would name what was never committed. It follows behind them.
          long kept = entries.isEmpty() ? index.last() : entries.getFirst().index() - 1;
          if (hs != null) {
            put(new HardState(hs.term(), hs.vote(), Math.min(hs.commit(), kept)));
          }
          if (!entries.isEmpty()) {
            appendEntries(entries);
          }
          if (hs != null && hs.commit() > kept) {
            put(hs);
          }
          flush(List.of(), new long[0], 0, 0);
        });
  }

  private void reserve(List<Integer> segments) {
    if (segments.isEmpty() || failure != null) {
      return;
    }
    try {
      files.reserve(active.header.number(), segments);
    } catch (Disk.NoSpaceException e) {
      throw new LogFullException(e);
    } catch (IOException e) {
      failure = e;
      throw new FatalLogException("making room in the log failed: " + e.getMessage(), e);
    }
  }

  private void put(HardState hs) throws IOException {
    room(RecordFormat.size(8), index.last());
    format.put(buffer, active.header.seed(), position + buffer.position(), synced, hs);
    hardState = hs;
  }

  private void appendEntries(List<Entry> entries) throws IOException {
    long first = entries.getFirst().index();
    if (first <= active.header.baseIndex()) {
      // A segment holds only entries above its base, so that older ones can be dropped.
      flush(List.of(), new long[0], 0, 0);
      roll(first - 1, 0);
    }
    long[] slots = new long[entries.size()];
    int done = 0;
    for (int i = 0; i < slots.length; i++) {
      Entry e = entries.get(i);
      int size = RecordFormat.size(e.data().length);
      long at = position + buffer.position();
      boolean full = at + size > active.fileSize;
      if (full || buffer.position() + size > Math.max(buffer.capacity(), BUFFER_MAX)) {
        flush(entries, slots, done, i);
        done = i;
      }
      if (full) {
        roll(i == 0 ? first - 1 : index.last(), size);
      }
      grow(size);
      at = position + buffer.position();
      slots[i] = Segment.slot(at, e.data().length);
      format.put(buffer, active.header.seed(), at, synced, e);
    }
    flush(entries, slots, done, slots.length);
  }

  private void room(int size, long base) throws IOException {
    if (position + buffer.position() + size > active.fileSize) {
      flush(List.of(), new long[0], 0, 0);
      roll(base, size);
    }
    grow(size);
  }

  private void grow(int size) {
    int needed = buffer.position() + size;
    if (needed > buffer.capacity()) {
      int capacity = Math.max(needed, Math.min(BUFFER_MAX, buffer.capacity() * 4));
      buffer = ByteBuffer.allocateDirect(capacity).put(buffer.flip());
    }
  }

  /** Writes the buffer, then lets readers see the entries from one number to another. */
  private void flush(List<Entry> entries, long[] slots, int from, int to) throws IOException {
    if (buffer.position() > 0) {
      buffer.flip();
      int size = buffer.limit();
      dirty = true;
      active.file.write(buffer, position);
      position += size;
      buffer.clear();
    }
    synchronized (index) {
      for (int i = from; i < to; i++) {
        Entry e = entries.get(i);
        index.add(e.index(), e.term(), slots[i], e);
      }
    }
  }

  /** Begins a new segment; what the old one holds is durable first. */
  private void roll(long base, int size) throws IOException {
    forceActive();
    SegmentHeader header =
        new SegmentHeader(
            active.header.number() + 1,
            false,
            base,
            index.term(base),
            hardState,
            position,
            files.salt());
    Segment segment = files.create(header, size);
    index.addSegment(segment);
    begin(segment);
  }

  private void begin(Segment segment) {
    spareWanted = true;
    active = segment;
    position = SegmentHeader.SIZE;
    synced = position;
  }

  private void forceActive() throws IOException {
    if (dirty) {
      active.file.force();
      dirty = false;
    }
    synced = position;
  }

  /** Makes everything appended so far durable, by one force; by none when nothing is new. */
  public void sync() {
    change(this::forceActive);
  }

  /**
   * Drops whole segments that hold nothing above {@code i}. {@code term(firstIndex() - 1)} stays
   * readable.
   */
  public void truncatePrefix(long i) {
    change(
        () -> {
          List<Segment> dropped = index.dropPrefix(i);
          if (!dropped.isEmpty()) {
            files.drop(dropped);
          }
        });
  }

  /**
   * Makes the log durably empty behind a snapshot. Term and vote stay; the commit index is raised
   * to that of the snapshot, if lower.
   *
   * @throws LogFullException when there is no space for a new segment
   */
  public void reset(long i, long term) {
    reserve(List.of(0));
    change(
        () -> {
          HardState hs = hardState;
          HardState kept = new HardState(hs.term(), hs.vote(), Math.max(hs.commit(), i));
          long number = active.header.number() + 1;
          Segment segment =
              files.create(new SegmentHeader(number, true, i, term, kept, 0, files.salt()), 0);
          hardState = kept;
          dirty = false;
          begin(segment);
          files.drop(index.restart(segment));
        });
  }

  /** Whether {@link #prepareSpare} should be called: a segment was begun since the last time. */
  public boolean spareWanted() {
    return spareWanted && failure == null;
  }

  /**
   * Makes a file ready for the segment after the current one, so that no append has to wait for its
   * space. Any one thread, beside the writing one; it may take as long as the disk needs.
   */
  public void prepareSpare() {
    try {
      long number = index.active().header.number();
      spareWanted = false;
      if (!files.hasSpare()) {
        files.prepareSpare(number);
      }
    } catch (IOException e) {
      // No spare is no harm: the segment's space is then made when it is begun, or fails there.
      spareWanted = false;
    }
  }

  /** Number of live segments. */
  public int segments() {
    return index.all().size();
  }

  /** Bytes of the files of live segments, preallocated space included. */
  public long sizeOnDisk() {
    return index.bytes();
  }

  /**
   * Index up to which {@link #truncatePrefix} leaves newest segments of at most so many bytes, or
   * the one being written alone.
   */
  public long baseWithin(long bytes) {
    return index.baseWithin(bytes);
  }

  /** Closes the files; makes nothing durable. */
  @Override
  public void close() {
    try {
      for (Segment s : index.all()) {
        s.file.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void check(List<Entry> entries) {
    if (entries.isEmpty()) {
      return;
    }
    long expected = entries.getFirst().index();
    if (expected < index.first() || expected > index.last() + 1) {
      throw new IllegalArgumentException(
          "entry " + expected + " cannot follow " + index.first() + ".." + index.last());
    }
    for (Entry e : entries) {
      if (e.index() != expected++ || e.data().length > RecordFormat.MAX_DATA) {
        throw new IllegalArgumentException("entry " + e.index() + " out of order or too large");
      }
    }
  }

  private interface Change {
    void run() throws IOException;
  }

  private void change(Change change) {
    if (failure != null) {
      throw new FatalLogException("the log failed before", failure);
    }
    try {
      change.run();
    } catch (IOException | RuntimeException | Error e) {
      failure = e;
      throw new FatalLogException("writing the log failed: " + e.getMessage(), e);
    }
  }
}
