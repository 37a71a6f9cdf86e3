package dev.kelvin.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The core's parts, each by itself. */
class PartsTest {
  @Nested
  class QuorumArithmetic {
    private long committed(long... matches) {
      return Quorum.committed(matches, matches.length);
    }

    @Test
    void aMajorityIsMoreThanHalf() {
      assertEquals(1, Quorum.majority(1));
      assertEquals(2, Quorum.majority(2));
      assertEquals(2, Quorum.majority(3));
      assertEquals(3, Quorum.majority(4));
      assertEquals(3, Quorum.majority(5));
    }

    @Test
    void committedIsWhatAMajorityHas() {
      assertEquals(0, committed());
      assertEquals(7, committed(7));
      assertEquals(3, committed(7, 3));
      assertEquals(5, committed(9, 1, 5));
      assertEquals(3, committed(9, 1, 3, 5));
      assertEquals(5, committed(1, 9, 5, 8, 2));
    }

    @Test
    void committedAgreesWithCountingOneByOne() {
      var random = new Random(1);
      for (int round = 0; round < 1000; round++) {
        long[] matches = random.longs(1 + random.nextInt(7), 0, 10).toArray();
        long best = 0;
        for (long candidate = 0; candidate < 10; candidate++) {
          int have = 0;
          for (long match : matches) {
            have += match >= candidate ? 1 : 0;
          }
          if (have >= Quorum.majority(matches.length)) {
            best = candidate;
          }
        }
        assertEquals(best, Quorum.committed(matches, matches.length));
      }
    }

    @Test
    void onlyThePrefixCounts() {
      assertEquals(4, Quorum.committed(new long[] {4, 9, 9}, 1));
    }

    @Test
    void votesAreWonOrLostAsSoonAsThatIsCertain() {
      var votes = new Votes();
      var voters = Set.of(1L, 2L, 3L);
      votes.record(1, true);
      votes.record(9, true);
      assertEquals(Quorum.Verdict.PENDING, votes.verdict(voters), "9 is no voter");
      votes.record(2, false);
      votes.record(2, true);
      assertEquals(Quorum.Verdict.PENDING, votes.verdict(voters), "a first ballot stands");
      assertEquals(Quorum.Verdict.WON, votes.verdict(Set.of(1L, 9L)));
      votes.record(3, false);
      assertEquals(Quorum.Verdict.LOST, votes.verdict(voters));
    }

    @Test
    void nobodyIsNoQuorum() {
      assertFalse(Quorum.reached(List.of(), voter -> true));
      assertTrue(new Votes().verdict(Set.of()) != Quorum.Verdict.WON);
    }
  }

  @Nested
  class InflightWindow {
    @Test
    void keepsCountAndBytesWhileTheRingGoesRound() {
      var window = new Inflights(100, 1 << 20);
      var random = new Random(3);
      long next = 1;
      long freed = 0;
      for (int i = 0; i < 10_000; i++) {
        if (!window.full() && random.nextInt(3) > 0) {
          window.add(next++, 10);
        } else if (freed + 1 < next) {
          freed += 1 + random.nextInt((int) (next - 1 - freed));
          window.freeUpTo(freed);
        }
        assertEquals(next - 1 - freed, window.count());
        assertEquals(10 * window.count(), window.bytes());
      }
    }

    @Test
    void isFullByCountOrByBytes() {
      var byCount = new Inflights(2, 1000);
      byCount.add(1, 1);
      assertFalse(byCount.full());
      byCount.add(2, 1);
      assertTrue(byCount.full());
      assertThrows(IllegalStateException.class, () -> byCount.add(3, 1));
      byCount.freeUpTo(0);
      assertTrue(byCount.full());
      byCount.clear();
      assertFalse(byCount.full());
      var byBytes = new Inflights(9, 10);
      byBytes.add(1, 50);
      assertTrue(byBytes.full());
    }
  }

  @Nested
  class LogView {
    private final MemoryLog disk = new MemoryLog();

    private Entry entry(long index, long term) {
      return new Entry(index, term, EntryKind.COMMAND, new byte[8]);
    }

    private RaftLog log(int count) {
      var entries = new ArrayList<Entry>();
      for (long index = 1; index <= count; index++) {
        entries.add(entry(index, 1));
      }
      disk.write(new Effects.Persist(null, entries, List.of()));
      return new RaftLog(disk, 0, 0);
    }

    private List<Entry> write(RaftLog log, long mark) {
      var entries = log.takeUnwritten(mark);
      disk.write(new Effects.Persist(null, entries, List.of()));
      return entries;
    }

    @Test
    void readsAcrossDiskAndTail() {
      RaftLog log = log(3);
      log.append(entry(4, 2));
      log.append(entry(5, 2));
      assertEquals(5, log.entries(1, Long.MAX_VALUE).size());
      assertEquals(4, log.entries(1, 4 * 40).size());
      assertEquals(2, log.entries(3, 2 * 40).size());
      assertEquals(1, log.entries(5, 1).size(), "at least one");
      assertEquals(0, log.entries(6, 100).size());
      assertEquals(1, log.term(3));
      assertEquals(2, log.term(4));
    }

    @Test
    void onlyTheRightAcknowledgementCounts() {
      RaftLog log = log(0);
      log.append(entry(1, 1));
      write(log, 7);
      log.append(entry(2, 1));
      assertEquals(-1, log.persisted(1, 2), "not handed out yet");
      assertEquals(-1, log.persisted(2, 1), "another term");
      assertEquals(7, log.persisted(1, 1));
      assertEquals(1, log.persistedIndex());
      assertEquals(-1, log.persisted(1, 1), "only once");
      assertTrue(log.hasUnwritten());
    }

    @Test
    void oneAcknowledgementCoversTheWritesBefore() {
      RaftLog log = log(0);
      for (long index = 1; index <= 3; index++) {
        log.append(entry(index, 1));
        write(log, index);
      }
      assertEquals(3, log.persisted(1, 3));
      assertEquals(3, log.persistedIndex());
      assertTrue(log.quiet());
    }

    @Test
    void writtenReplacedAndWrittenAgainIsNotMistaken() {
      RaftLog log = log(1);
      log.append(entry(2, 1));
      write(log, 1);
      log.appendAfterMatch(List.of(entry(2, 2)));
      assertTrue(log.held());
      assertEquals(List.of(), log.takeUnwritten(2));
      log.append(entry(3, 3));
      assertEquals(1, log.persisted(1, 2));
      assertEquals(1, log.persistedIndex(), "entry 2 on the disk is the replaced one");
      assertFalse(log.held());
      assertEquals(2, write(log, 3).size());
      assertEquals(3, log.persisted(3, 3));
      assertEquals(2, disk.term(2));
    }

    @Test
    void aReplacedPartOfAWriteIsNotPersisted() {
      RaftLog log = log(0);
      for (long index = 1; index <= 4; index++) {
        log.append(entry(index, 1));
      }
      write(log, 1);
      log.appendAfterMatch(List.of(entry(3, 2)));
      assertEquals(1, log.persisted(1, 4));
      assertEquals(2, log.persistedIndex());
      assertEquals(3, log.lastIndex());
    }

    @Test
    void marksNeverGoBackOrBeyond() {
      RaftLog log = log(3);
      assertThrows(IllegalStateException.class, () -> log.commitTo(4));
      log.commitTo(2);
      log.commitTo(1);
      assertEquals(2, log.commit());
      assertThrows(IllegalStateException.class, () -> log.appendAfterMatch(List.of(entry(2, 2))));
      assertThrows(IllegalStateException.class, () -> log.appliedTo(1), "not handed out");
      assertEquals(2, log.takeCommitted(1 << 20).size());
      log.appliedTo(2);
      log.appliedTo(1);
      assertEquals(2, log.applied());
      assertThrows(IllegalStateException.class, () -> log.append(entry(9, 1)));
      assertThrows(IllegalStateException.class, () -> log.append(entry(4, 0)));
    }

    @Test
    void aCompactedEntryMatchesNothing() {
      RaftLog log = log(5);
      log.commitTo(5);
      log.takeCommitted(1 << 20);
      log.appliedTo(5);
      disk.compact(3);
      assertTrue(log.matches(3, 1), "the base is known");
      assertFalse(log.matches(2, 1));
      assertEquals(0, log.termOrZero(2));
      assertThrows(CompactedException.class, () -> log.entries(3, 100));
    }
  }

  @Nested
  class ReadRound {
    @Test
    void confirmsWithVotersOnly() {
      var reads = new ReadRounds();
      reads.add(1, 10);
      reads.start(5, 7);
      reads.add(1, 11);
      var voters = Set.of(1L, 2L, 3L);
      assertFalse(reads.confirmed(voters, 1));
      reads.acknowledge(2, 4);
      assertFalse(reads.confirmed(voters, 1), "another round");
      reads.acknowledge(9, 5);
      assertFalse(reads.confirmed(voters, 1), "no voter");
      reads.acknowledge(2, 5);
      assertTrue(reads.confirmed(voters, 1));
      assertFalse(reads.confirmed(voters, 8), "a leader that does not vote counts not itself");
      assertEquals(List.of(new ReadRounds.Read(1, 10)), reads.finish());
      assertTrue(reads.startable());
      assertEquals(List.of(new ReadRounds.Read(1, 11)), reads.abandon());
      assertFalse(reads.startable());
    }

    @Test
    void isBounded() {
      var reads = new ReadRounds();
      for (int i = 0; i < ReadRounds.MAX_WAITING; i++) {
        assertTrue(reads.add(1, i));
      }
      assertFalse(reads.add(1, -1));
    }
  }

  @Nested
  class Timer {
    @Test
    void timeoutsLieInTheirRangesAndDiffer() {
      var seen = new TreeSet<Integer>();
      for (int seed = 0; seed < 500; seed++) {
        var timer = new ElectionTimer(100, new Random(seed));
        seen.add(ticksUntilExpiry(timer));
      }
      assertTrue(seen.first() >= 100 && seen.last() < 150, seen.toString());
      assertTrue(seen.size() > 40);
    }

    @Test
    void suspicionShortensAndBeingHeardLengthensAgain() {
      for (int seed = 0; seed < 100; seed++) {
        var timer = new ElectionTimer(100, new Random(seed));
        assertTrue(timer.leased());
        timer.suspect();
        assertFalse(timer.leased());
        int wait = ticksUntilExpiry(timer);
        assertTrue(wait >= 1 && wait <= 20, "waited " + wait);
        timer.heard();
        assertTrue(timer.leased());
        assertTrue(ticksUntilExpiry(timer) >= 100);
      }
    }

    @Test
    void standingAgainComesSoonButNotForeverWithinAnElectionsOwnTime() {
      for (int seed = 0; seed < 100; seed++) {
        var timer = new ElectionTimer(100, new Random(seed));
        for (int candidacy = 1; candidacy <= 5; candidacy++) {
          timer.preVote();
          int unanswered = ticksUntilExpiry(timer);
          assertTrue(unanswered >= 20 && unanswered < 40, "asked again after " + unanswered);
          timer.reset();
          timer.candidacy();
          int wait = ticksUntilExpiry(timer);
          boolean soon = wait >= 20 && wait < 40;
          boolean whole = wait >= 100 && wait < 150;
          assertTrue(candidacy <= 3 ? soon : whole, candidacy + ". candidacy waited " + wait);
        }
        timer.heard();
        assertTrue(timer.leased());
        assertTrue(ticksUntilExpiry(timer) >= 100);
        timer.candidacy();
        assertTrue(ticksUntilExpiry(timer) < 40, "a leader was known meanwhile");
      }
    }

    private int ticksUntilExpiry(ElectionTimer timer) {
      int ticks = 0;
      while (!timer.expired()) {
        timer.tick();
        ticks++;
      }
      return ticks;
    }
  }
}
