package dev.kelvin.log;

import static dev.kelvin.log.SmallLog.all;
import static dev.kelvin.log.SmallLog.fresh;
import static dev.kelvin.log.SmallLog.open;
import static dev.kelvin.log.SmallLog.run;
import static dev.kelvin.log.SmallLog.same;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.raft.Entry;
import dev.kelvin.raft.HardState;
import dev.kelvin.sim.SimDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A log on a disk that is full: a write is done or not done, never half, and can be repeated. */
class FullDiskTest {

  @Test
  void anAppendThatFindsNoSpaceDoesNothingAndSucceedsWhenRepeatedWithSpace() {
    SimDisk disk = new SimDisk(1);
    DurableLog log = fresh(disk);
    log.append(null, run(1, 10, 1, 200));
    log.sync();
    // Room for one more file, while the batch needs four, of which one is larger.
    disk.capacity(disk.used() + 4096 + 100);
    List<Entry> batch = run(11, 40, 2, 200);
    batch.addAll(run(51, 1, 2, 9000));
    var used = disk.used();
    int writes = disk.writes();
    for (int i = 0; i < 3; i++) {
      assertThrows(LogFullException.class, () -> log.append(new HardState(2, 1, 5), batch));
      assertEquals(10, log.lastIndex());
      assertEquals(new HardState(1, 1, 0), log.hardState());
      assertEquals(writes, disk.writes());
    }
    assertTrue(disk.used() <= used + 4096, "what did not fit was left behind");
    // What fits still goes in.
    log.append(null, run(11, 1, 1, 10));
    disk.capacity(Long.MAX_VALUE);
    log.append(new HardState(2, 1, 5), batch);
    log.sync();
    disk.crash();
    DurableLog again = open(disk);
    List<Entry> expected = run(1, 10, 1, 200);
    expected.addAll(batch);
    same(expected, all(again));
    assertEquals(new HardState(2, 1, 5), again.hardState());
  }

  @Test
  void segmentsLeftByTruncationServeAppendsOnAFullDisk() {
    SimDisk disk = new SimDisk(1);
    DurableLog log = fresh(disk);
    log.append(null, run(1, 60, 1, 200));
    log.sync();
    disk.capacity(disk.used());
    List<Entry> more = run(61, 20, 1, 200);
    assertThrows(LogFullException.class, () -> log.append(null, more));
    log.truncatePrefix(60);
    log.append(null, more);
    log.sync();
    disk.crash();
    assertEquals(80, open(disk).lastIndex());
  }

  @Test
  void aPreparedSpareServesTheNextSegmentAndOneThatDoesNotFitLeavesNothing() {
    SimDisk disk = new SimDisk(1);
    DurableLog log = fresh(disk);
    log.prepareSpare();
    disk.capacity(disk.used() + 1000);
    log.append(null, run(1, 20, 1, 200));
    assertTrue(log.spareWanted());
    long used = disk.used();
    log.prepareSpare();
    assertEquals(used, disk.used());
    assertThrows(LogFullException.class, () -> log.append(null, run(21, 20, 1, 200)));
    assertEquals(used, disk.used());
  }

  @Test
  void aResetThatFindsNoSpaceLeavesTheLogAsItWas() {
    SimDisk disk = new SimDisk(1);
    DurableLog log = fresh(disk);
    log.append(null, run(1, 5, 1, 200));
    log.sync();
    disk.capacity(disk.used());
    assertThrows(LogFullException.class, () -> log.reset(500, 1));
    same(run(1, 5, 1, 200), all(log));
    disk.capacity(Long.MAX_VALUE);
    log.reset(500, 1);
    assertEquals(501, log.firstIndex());
  }

  /**
   * What an append reserves beforehand must be all that it then creates, in every constellation.
   */
  @Test
  void noAppendEverMeetsTheFullDiskHalfway() {
    for (long seed = 0; seed < 300; seed++) {
      SplittableRandom r = new SplittableRandom(seed);
      SimDisk disk = new SimDisk(seed);
      DurableLog log = fresh(disk);
      List<Entry> model = new ArrayList<>();
      long term = 1;
      for (int step = 0; step < 80; step++) {
        disk.capacity(r.nextInt(3) == 0 ? disk.used() + r.nextInt(9000) : Long.MAX_VALUE);
        long from = model.size() + 1;
        if (r.nextInt(4) == 0) {
          from = Math.max(log.firstIndex(), from - r.nextInt(40));
          term++;
        }
        List<Entry> more =
            run(from, r.nextInt(25), term, r.nextInt(r.nextInt(8) == 0 ? 9000 : 500));
        HardState hs =
            r.nextBoolean()
                ? new HardState(term, 1, Math.max(0, from - 2 + r.nextInt(more.isEmpty() ? 2 : 3)))
                : null;
        try {
          log.append(hs, more);
        } catch (LogFullException e) {
          assertEquals(model.size(), log.lastIndex(), "seed " + seed);
          continue;
        }
        if (!more.isEmpty()) {
          model.subList((int) from - 1, model.size()).clear();
          model.addAll(more);
        }
        log.sync();
      }
      same(model, all(log));
      same(model, all(open(disk)));
    }
  }
}
