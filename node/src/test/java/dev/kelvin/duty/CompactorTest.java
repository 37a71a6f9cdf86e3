package dev.kelvin.duty;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.raft.Membership;
import dev.kelvin.raft.RaftStatus;
import dev.kelvin.replica.Replica;
import dev.kelvin.sim.SimStoreDirectory;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Feed;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.Store;
import dev.kelvin.store.StoreConfig;
import dev.kelvin.store.StoreError;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A compactor beside a real store, with a clock and a leadership that the test moves. */
class CompactorTest {
  private static final long MINUTE = 60_000;
  private static final long HOUR = 60 * MINUTE;

  private record Proposal(long revision, Replica.Completion completion) {}

  private final Store store = Store.open(new SimStoreDirectory(), StoreConfig.simulated());
  private final Feed feed = new Feed(store);
  private final ArrayDeque<Proposal> proposals = new ArrayDeque<>();
  private boolean leads = true;
  private long clock = 12_345_678;

  private final Replica replica =
      new Replica() {
        @Override
        public void propose(
            CommandKind kind, byte[] payload, Executor lane, Completion completion) {
          assertEquals(CommandKind.COMPACT, kind);
          try {
            var revision = CompactionRequest.parseFrom(payload).getRevision();
            proposals.add(new Proposal(revision, completion));
          } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
          }
        }

        @Override
        public void barrier(Executor lane, Barrier barrier) {
          throw new UnsupportedOperationException();
        }

        @Override
        public void transferLeadership(long to) {
          throw new UnsupportedOperationException();
        }

        @Override
        public RaftStatus status() {
          var role = leads ? RaftStatus.Role.LEADER : RaftStatus.Role.FOLLOWER;
          var members = Membership.of(List.of(1L), List.of());
          return new RaftStatus(
              1, role, 3, leads ? 1 : 2, 9, 9, 1, 9, members, 0, List.of(), true, true);
        }

        @Override
        public long leaderSilenceTicks() {
          return 0;
        }
      };

  @AfterEach
  void close() {
    store.close();
  }

  private Compactor periodic(long millis) {
    return compactor(new AutoCompaction(AutoCompaction.Mode.PERIODIC, millis));
  }

  private Compactor compactor(AutoCompaction config) {
    return new Compactor(config, replica, store, Runnable::run, () -> clock);
  }

  private void write(int revisions) {
    for (int i = 0; i < revisions; i++) {
      feed.add(Feed.put("key", "value"));
    }
    feed.apply();
  }

  /** Lets time pass in small steps, with a write in each, and says what was proposed, and when. */
  private List<String> pass(Compactor compactor, long millis, long step) {
    var said = new ArrayList<String>();
    for (long passed = step; passed <= millis; passed += step) {
      clock += step;
      write(1);
      compactor.step();
      for (var next = proposals.poll(); next != null; next = proposals.poll()) {
        said.add(Duration.ofMillis(passed).toString().substring(2) + ": " + next.revision);
        next.completion.done(new Outcome.DutyDone());
      }
    }
    return said;
  }

  @Test
  void waitsForTheWholeRetentionThenCompactsWhatIsAsOld() {
    var compactor = periodic(HOUR);
    assertEquals(1, store.revision());
    // One revision a minute. Looks are at 0, 6, 12 minutes...; what was current at 0 is 1.
    assertEquals(List.of(), pass(compactor, 59 * MINUTE, MINUTE));
    assertEquals(List.of("1M: 1"), pass(compactor, MINUTE, MINUTE));
    // As in etcd: looked at in minute 54, which is ten looks before that in minute 114.
    assertEquals(List.of("1H: 55"), pass(compactor, 90 * MINUTE, MINUTE));
  }

  @Test
  void keepsMoreThanAnHourAndCompactsEveryHour() {
    var compactor = periodic(3 * HOUR);
    assertEquals(List.of(), pass(compactor, 3 * HOUR - MINUTE, MINUTE));
    assertEquals(List.of("1M: 1", "1H1M: 55"), pass(compactor, 61 * MINUTE, MINUTE));
  }

  @Test
  void aShortRetentionIsTheIntervalToo() {
    var compactor = periodic(10_000);
    assertEquals(List.of("10S: 1", "20S: 10", "30S: 20"), pass(compactor, 30_000, 1000));
  }

  @Test
  void nothingIsCompactedTwice() {
    var compactor = periodic(10_000);
    assertEquals(List.of("10S: 1"), pass(compactor, 10_000, 1000));
    int before = proposals.size();
    // No writes any more: the revisions of the window run out, then there is nothing new.
    var last = new ArrayList<Long>();
    for (int i = 0; i < 100; i++) {
      clock += 1000;
      compactor.step();
      while (!proposals.isEmpty()) {
        var next = proposals.poll();
        last.add(next.revision);
        next.completion.done(new Outcome.DutyDone());
      }
    }
    assertEquals(0, before);
    assertEquals(List.of(10L, 11L), last);
  }

  @Test
  void onlyTheLeaderCompactsAndANewOneKnowsHowOldItsRevisionsAre() {
    leads = false;
    var compactor = periodic(HOUR);
    assertEquals(List.of(), pass(compactor, 2 * HOUR, MINUTE));
    leads = true;
    // At its next look, what was current an hour before the last one.
    assertEquals(List.of("6M: 61"), pass(compactor, 30 * MINUTE, MINUTE));
  }

  @Test
  void aNewLeaderThatHasJustStartedWaits() {
    pass(periodic(HOUR), HOUR, MINUTE);
    var compactor = periodic(HOUR);
    assertEquals(List.of(), pass(compactor, 59 * MINUTE, MINUTE));
    assertEquals(List.of("1M: 61"), pass(compactor, MINUTE, MINUTE));
  }

  @Test
  void aFailureIsTriedAgainAtTheNextLookAndASuccessOfOthersCounts() {
    var compactor = periodic(10_000);
    for (int i = 0; i < 10; i++) {
      clock += 1000;
      write(1);
      compactor.step();
    }
    proposals.remove().completion.failed(Replica.Failure.TIMEOUT);
    assertEquals(0, proposals.size());
    clock += 999;
    compactor.step();
    assertEquals(0, proposals.size());
    clock += 1;
    compactor.step();
    var again = proposals.remove();
    assertEquals(1, again.revision);
    again.completion.done(new Outcome.Failed(StoreError.COMPACTED));
    assertEquals(List.of(), pass(compactor, 9000, 1000));
  }

  @Test
  void oneIsOnItsWayAtATime() {
    var compactor = periodic(10_000);
    for (int i = 0; i < 100; i++) {
      clock += 1000;
      compactor.step();
    }
    assertEquals(1, proposals.size());
  }

  @Test
  void keepsSoManyRevisionsLookingEveryFiveMinutes() {
    var compactor = compactor(new AutoCompaction(AutoCompaction.Mode.REVISION, 7));
    assertEquals(List.of(), pass(compactor, 5 * MINUTE - 1, MINUTE));
    write(6);
    clock += MINUTE;
    compactor.step();
    assertEquals(11, store.revision());
    var first = proposals.remove();
    assertEquals(4, first.revision);
    first.completion.done(new Outcome.DutyDone());
    clock += 5 * MINUTE;
    compactor.step();
    assertEquals(0, proposals.size(), "nothing new to compact");
  }

  @Test
  void fewerRevisionsThanAreKeptStay() {
    var compactor = compactor(new AutoCompaction(AutoCompaction.Mode.REVISION, 1000));
    assertEquals(List.of(), pass(compactor, HOUR, MINUTE));
  }

  @Test
  void offDoesNothing() {
    assertEquals(List.of(), pass(compactor(AutoCompaction.OFF), HOUR, MINUTE));
  }
}
