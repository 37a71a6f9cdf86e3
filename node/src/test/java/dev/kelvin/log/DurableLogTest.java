package dev.kelvin.log;

import static dev.kelvin.log.SmallLog.all;
import static dev.kelvin.log.SmallLog.fresh;
import static dev.kelvin.log.SmallLog.open;
import static dev.kelvin.log.SmallLog.run;
import static dev.kelvin.log.SmallLog.same;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.raft.CompactedException;
import dev.kelvin.raft.Entry;
import dev.kelvin.raft.EntryKind;
import dev.kelvin.raft.HardState;
import dev.kelvin.sim.SimDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableLogTest {
  private static final String FIRST = Segment.name(1);

  private static void roundTrip(Disk disk) {
    try (DurableLog log = fresh(disk)) {
      log.append(new HardState(2, 3, 0), run(1, 50, 2, 200));
      log.append(null, run(51, 1, 2, 20_000));
      log.append(new HardState(3, 0, 20), run(40, 5, 3, 100));
      log.sync();
    }
    try (DurableLog log = open(disk)) {
      assertEquals(new HardState(3, 0, 20), log.hardState());
      List<Entry> expected = run(1, 39, 2, 200);
      expected.addAll(run(40, 5, 3, 100));
      same(expected, all(log));
      assertEquals(2, log.term(39));
      assertEquals(3, log.term(40));
      assertEquals(0, log.term(0));
      assertEquals(1, log.entries(5, 9, 1).size());
    }
  }

  @Test
  void whatWasAppendedIsThereAfterReopening() {
    roundTrip(new SimDisk(1));
  }

  @Test
  void worksOnRealFiles(@TempDir Path directory) throws Exception {
    roundTrip(new FileDisk(directory.resolve("log")));
  }

  @Test
  void oneSyncForcesOnceWhateverWasAppended() {
    SimDisk disk = new SimDisk(1);
    DurableLog log = fresh(disk);
    int forces = disk.forces();
    int writes = disk.writes();
    log.append(null, run(1, 5, 1, 10));
    log.append(new HardState(1, 1, 3), run(6, 5, 1, 10));
    log.sync();
    log.sync();
    assertEquals(forces + 1, disk.forces());
    assertEquals(writes + 2, disk.writes());
  }

  @Test
  void aTailTornAtAnyByteIsCut() {
    SimDisk probe = new SimDisk(1);
    fresh(probe).append(null, run(1, 4, 1, 50));
    int record = RecordFormat.size(50);
    for (int at = 0; at < 2 * record; at++) {
      SimDisk disk = new SimDisk(1);
      fresh(disk).append(null, run(1, 4, 1, 50));
      int from = SegmentHeader.SIZE + 2 * record + at;
      boolean padding = at % record >= RecordFormat.HEADER + 50;
      disk.corrupt(FIRST, from, from + 1);
      try (DurableLog log = open(disk)) {
        assertEquals(padding ? 4 : 2 + at / record, log.lastIndex(), "byte " + at);
        log.append(null, run(log.lastIndex() + 1, 1, 2, 50));
        log.sync();
      }
      disk.crash();
      assertEquals(padding ? 5 : 3 + at / record, open(disk).lastIndex());
    }
  }

  @Test
  void aDamagedRecordThatWasSyncedIsRefused() {
    SimDisk disk = new SimDisk(1);
    DurableLog log = fresh(disk);
    log.append(null, run(1, 3, 1, 50));
    log.sync();
    log.append(null, run(4, 1, 1, 50));
    disk.corrupt(FIRST, 620, 621);
    String message = assertThrows(CorruptLogException.class, () -> open(disk)).getMessage();
    assertTrue(message.contains(FIRST) && message.contains("offset 608"), message);
    assertTrue(message.contains("index 2") && message.contains("join it again"), message);
  }

  /** A client chooses the bytes of its values, and can work out where in the log they will be. */
  @Test
  void aValueThatImitatesARecordBehindATornTailIsNotTakenForOne() {
    for (long salt : new long[] {0, 42}) {
      SimDisk disk = new SimDisk(1);
      var config = new LogConfig(4096, 1000, 2, () -> salt);
      DurableLog log = DurableLog.create(disk, config, new HardState(1, 1, 0), 0, 0);
      int at = SegmentHeader.SIZE + 2 * RecordFormat.HEADER;
      var forged = java.nio.ByteBuffer.allocate(RecordFormat.HEADER);
      var unsalted = new SegmentHeader(1, true, 0, 0, HardState.EMPTY, 0, 0);
      new RecordFormat()
          .put(forged, unsalted.seed(), at, 4000, new Entry(9, 9, EntryKind.COMMAND, new byte[0]));
      log.append(
          null,
          List.of(
              new Entry(1, 1, EntryKind.COMMAND, new byte[0]),
              new Entry(2, 1, EntryKind.COMMAND, forged.array())));
      // Nothing was synced: the first record is torn, and so may all behind it be.
      disk.corrupt(FIRST, SegmentHeader.SIZE + 10, SegmentHeader.SIZE + 11);
      if (salt == 0) {
        assertThrows(CorruptLogException.class, () -> DurableLog.open(disk, config));
      } else {
        assertEquals(0, DurableLog.open(disk, config).lastIndex());
      }
    }
  }

  @Test
  void aMissingSegmentAndANewerFormatAreRefused() throws Exception {
    SimDisk gap = new SimDisk(1);
    fresh(gap).append(null, run(1, 60, 1, 200));
    gap.delete(Segment.name(2));
    assertThrows(CorruptLogException.class, () -> open(gap));
    SimDisk newer = new SimDisk(1);
    fresh(newer).close();
    newer.open(FIRST).write(java.nio.ByteBuffer.allocate(4).putInt(0, 2), 8);
    String message = assertThrows(CorruptLogException.class, () -> open(newer)).getMessage();
    assertTrue(message.contains("this build reads version 1"), message);
  }

  @Test
  void droppedSegmentsAreUsedAgainAndNeverShowOldRecords() {
    SimDisk disk = new SimDisk(1);
    DurableLog log = fresh(disk);
    log.append(null, run(1, 60, 1, 200));
    log.sync();
    log.truncatePrefix(50);
    long first = log.firstIndex();
    assertTrue(first > 1 && first <= 51);
    assertEquals(1, log.term(first - 1));
    assertThrows(CompactedException.class, () -> log.entries(first - 1, first, 1));
    log.append(null, run(61, 20, 1, 200));
    log.sync();
    disk.crash();
    DurableLog again = open(disk);
    assertEquals(first, again.firstIndex());
    same(run(first, (int) (81 - first), 1, 200), all(again));
  }

  @Test
  void aFailedForceIsFatalForEver() {
    SimDisk disk = new SimDisk(1);
    DurableLog log = fresh(disk);
    log.append(null, run(1, 1, 1, 1));
    disk.failForces(true);
    assertThrows(FatalLogException.class, log::sync);
    disk.failForces(false);
    assertThrows(FatalLogException.class, log::sync);
    assertThrows(FatalLogException.class, () -> log.append(null, run(2, 1, 1, 1)));
  }

  @Test
  void createAndResetSurviveACrashAtEveryStep() {
    for (int step = 0; step < 12; step++) {
      for (long seed = 0; seed < 20; seed++) {
        SimDisk disk = new SimDisk(seed);
        disk.failAfter(step);
        try {
          fresh(disk);
        } catch (java.io.UncheckedIOException e) {
          assertTrue(step < 6);
        }
        disk.crash();
        DurableLog log = DurableLog.exists(disk) ? open(disk) : fresh(disk);
        assertEquals(new HardState(1, 1, 0), log.hardState());
        log.append(new HardState(4, 2, 0), run(1, 60, 4, 200));
        log.sync();
        disk.failAfter(step);
        boolean done = true;
        try {
          log.reset(500, 4);
        } catch (FatalLogException e) {
          done = false;
        }
        disk.crash();
        DurableLog after = open(disk);
        assertEquals(4, after.hardState().term());
        assertEquals(2, after.hardState().vote());
        assertFalse(done && after.lastIndex() != 500);
        assertTrue(after.lastIndex() == 500 || after.lastIndex() == 60);
        if (after.lastIndex() == 500) {
          assertEquals(501, after.firstIndex());
          assertEquals(4, after.term(500));
        }
      }
    }
  }

  @Test
  void crashesLoseNothingSyncedAndInventNothing() {
    Long replay = Long.getLong("kelvin.log.seed");
    long start = System.nanoTime();
    for (int i = 0; i < (replay == null ? 400 : 1); i++) {
      long seed = replay != null ? replay : i < 200 ? i : start + i;
      try {
        crashRun(seed);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("replay with -Dkelvin.log.seed=" + seed, e);
      }
    }
  }

  private static void crashRun(long seed) {
    SplittableRandom r = new SplittableRandom(seed);
    SimDisk disk = new SimDisk(seed);
    DurableLog log = fresh(disk);
    long term = 1;
    // Entries by index from 1; synced ones must stay unless a replacement began below them.
    List<Entry> model = new ArrayList<>();
    long sure = 0;
    for (int step = 0; step < 60; step++) {
      switch (r.nextInt(10)) {
        case 0, 1, 2, 3, 4 -> {
          long from = model.size() + 1;
          if (r.nextInt(4) == 0) {
            from = Math.max(log.firstIndex(), from - r.nextInt(30));
            term++;
          }
          List<Entry> more = run(from, 1 + r.nextInt(12), term, r.nextInt(600));
          log.append(new HardState(term, 1, 0), more);
          if (from <= sure) {
            // Until synced a replacement may be half there: make that simple to judge.
            log.sync();
          }
          model.subList((int) from - 1, model.size()).clear();
          model.addAll(more);
          sure = from <= sure ? model.size() : sure;
        }
        case 5, 6 -> {
          log.sync();
          sure = model.size();
        }
        case 7 -> log.truncatePrefix(r.nextLong(sure + 1));
        default -> {
          long first = log.firstIndex();
          if (r.nextBoolean()) {
            disk.crash();
          }
          log = open(disk);
          assertEquals(first, log.firstIndex());
          assertTrue(log.lastIndex() >= sure, "lost synced entries");
          long last = log.lastIndex();
          // An unsynced replacement may have been lost: then the older entries are back.
          List<Entry> found = all(log);
          long agreed = Math.min(sure, last);
          same(
              model.subList((int) first - 1, (int) agreed),
              found.subList(0, (int) (agreed - first + 1)));
          for (Entry e : found) {
            same(run(e.index(), 1, e.term(), e.data().length), List.of(e));
          }
          model.subList((int) first - 1, model.size()).clear();
          model.addAll(found);
          sure = last;
        }
      }
    }
  }
}
