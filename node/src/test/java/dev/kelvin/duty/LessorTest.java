package dev.kelvin.duty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.duty.LeaseAsk.Times;
import dev.kelvin.raft.Entry;
import dev.kelvin.raft.EntryKind;
import dev.kelvin.raft.Membership;
import dev.kelvin.raft.RaftStatus;
import dev.kelvin.replica.Replica;
import dev.kelvin.sim.SimStoreDirectory;
import dev.kelvin.store.CommandCodec;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Feed;
import dev.kelvin.store.Lease;
import dev.kelvin.store.LeaseCommand;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.StateMachine;
import dev.kelvin.store.Store;
import dev.kelvin.store.StoreConfig;
import dev.kelvin.store.TimedPut;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A lessor beside a real store, with a clock, a log and a leadership that the test moves. */
class LessorTest {
  private static final long ELECTION = 1000;
  private static final long LEASE = 7;

  private record Proposal(
      CommandKind kind, byte[] payload, Executor lane, Replica.Completion completion) {}

  private record Waiting(Executor lane, Replica.Barrier barrier) {}

  private final Store store = Store.open(new SimStoreDirectory(), StoreConfig.simulated());
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private final Deque<Proposal> proposals = new ArrayDeque<>();
  private final Deque<Waiting> barriers = new ArrayDeque<>();
  private long clock = 5_000_000;
  private long term = 1;
  private boolean leads = true;

  /** Entries that were committed, by kind. */
  private final List<CommandKind> committed = new ArrayList<>();

  private final Replica replica =
      new Replica() {
        @Override
        public void propose(
            CommandKind kind, byte[] payload, Executor lane, Completion completion) {
          proposals.add(new Proposal(kind, payload, lane, completion));
        }

        @Override
        public void barrier(Executor lane, Barrier barrier) {
          barriers.add(new Waiting(lane, barrier));
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
              1, role, term, leads ? 1 : 2, 9, 9, 1, 9, members, 0, List.of(), true, true);
        }

        @Override
        public long leaderSilenceTicks() {
          return 0;
        }
      };

  private final Lessor lessor = new Lessor(replica, store, tasks::add, () -> clock, ELECTION);

  LessorTest() {
    store.listen(lessor);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void run() {
    while (!tasks.isEmpty()) {
      tasks.poll().run();
    }
  }

  /** A linearizable point for all that wait for one. */
  private void confirm() {
    for (var waiting = barriers.poll(); waiting != null; waiting = barriers.poll()) {
      waiting.lane.execute(waiting.barrier::reached);
    }
    run();
  }

  /** Everything that was proposed is committed and applied, in the term of now. */
  private void commit() {
    for (var next = proposals.poll(); next != null; next = proposals.poll()) {
      apply(next);
      run();
    }
  }

  private void apply(Proposal proposal) {
    long index = store.applied().index() + 1;
    var data = CommandCodec.standard().encode(proposal.kind, 1, 77, index, proposal.payload);
    committed.add(proposal.kind);
    store.apply(
        List.of(new Entry(index, term, EntryKind.COMMAND, data)),
        new StateMachine.Listener() {
          @Override
          public boolean waits(long incarnation, long request) {
            return true;
          }

          @Override
          public void outcome(long request, Outcome outcome) {
            if (proposal.completion != null) {
              proposal.lane.execute(() -> proposal.completion.done(outcome));
            }
          }

          @Override
          public void membership(long at, dev.kelvin.store.ClusterState cluster) {}
        });
  }

  private void fail() {
    for (var next = proposals.poll(); next != null; next = proposals.poll()) {
      var completion = next.completion;
      next.lane.execute(() -> completion.failed(Replica.Failure.TIMEOUT));
    }
    run();
  }

  private void grant(long id, long seconds) {
    apply(new Proposal(CommandKind.LEASE_GRANT, Feed.grant(id, seconds).toByteArray(), null, null));
  }

  /** Time passes as in production: with steps, and a log that carries everything out. */
  private void pass(long millis) {
    for (long end = clock + millis; clock < end; ) {
      clock = Math.min(end, clock + 50);
      lessor.step();
      confirm();
      commit();
    }
  }

  /** Answers to one call; null while there is none, empty for unknown. */
  private static final class Asked implements Lessor.Answer {
    private List<Times> times;

    @Override
    public void done(List<Times> answered) {
      times = answered;
    }

    @Override
    public void unknown() {
      times = List.of();
    }
  }

  private Asked ask(LeaseAsk... asks) {
    var asked = new Asked();
    lessor.ask(List.of(asks), asked);
    run();
    return asked;
  }

  private Times renew(long lease) {
    var asked = ask(new LeaseAsk(lease, true));
    confirm();
    commit();
    return asked.times.getFirst();
  }

  private Times look(long lease) {
    var asked = ask(new LeaseAsk(lease, false));
    confirm();
    return asked.times.getFirst();
  }

  private void become(long newTerm) {
    term = newTerm;
    leads = true;
    lessor.step();
    confirm();
  }

  @Test
  void aLeaseEndsAfterItsTimeUnlessItIsRenewed() {
    become(1);
    grant(LEASE, 10);
    grant(8, 10);
    pass(6_000);
    assertEquals(new Times(10, 10), renew(LEASE));
    assertEquals(new Times(4, 10), look(8));
    pass(3_900);
    assertEquals(2, store.leases().size());
    pass(200);
    assertNull(store.lease(8));
    assertEquals(new Lease(LEASE, 10, 0), store.lease(LEASE));
    pass(5_700);
    assertEquals(1, store.leases().size());
    pass(400);
    assertEquals(0, store.leases().size());
    assertEquals(new Times(0, 0), renew(LEASE));
    assertEquals(new Times(-1, 0), look(LEASE));
  }

  @Test
  void aRenewalCostsNoEntryAndWaitsForProofOfLeadership() {
    become(1);
    grant(LEASE, 10);
    committed.clear();
    var asked = ask(new LeaseAsk(LEASE, true));
    assertNull(asked.times);
    confirm();
    assertEquals(List.of(new Times(10, 10)), asked.times);
    assertEquals(List.of(), committed);
    assertTrue(proposals.isEmpty());
  }

  @Test
  void whoLostLeadershipWhileItWasAskedKnowsNothing() {
    become(1);
    grant(LEASE, 10);
    var asked = ask(new LeaseAsk(LEASE, true));
    // The point is reached all the same, by way of another leader.
    leads = false;
    term = 2;
    confirm();
    assertEquals(List.of(), asked.times);
    var again = ask(new LeaseAsk(LEASE, true));
    assertEquals(List.of(), again.times);
    // And by way of another between two terms of its own.
    become(3);
    var third = ask(new LeaseAsk(LEASE, true));
    term = 5;
    confirm();
    assertEquals(List.of(), third.times);
  }

  @Test
  void aLeaseThatIsEndingCannotBeRenewed() {
    become(1);
    grant(LEASE, 10);
    clock += 900;
    lessor.step();
    for (int i = 0; i < 100; i++) {
      clock += 100;
      lessor.step();
    }
    var renewal = ask(new LeaseAsk(LEASE, true));
    confirm();
    // The end was asked for first.
    assertEquals(CommandKind.LEASE_EXPIRE, proposals.getFirst().kind);
    assertEquals(List.of(new Times(0, 0)), renewal.times);
    commit();
    assertNull(store.lease(LEASE));
  }

  @Test
  void aRenewalBeforeTheEndIsProposedWins() {
    become(1);
    grant(LEASE, 10);
    pass(10_000);
    clock += 50;
    var renewal = ask(new LeaseAsk(LEASE, true));
    clock += 50;
    lessor.step();
    confirm();
    commit();
    assertEquals(List.of(new Times(10, 10)), renewal.times);
    assertEquals(new Lease(LEASE, 10, 0), store.lease(LEASE));
    pass(9_800);
    assertEquals(1, store.leases().size());
  }

  @Test
  void anEndThatFailedIsTriedAgainAndTheLeaseStaysUnrenewable() {
    become(1);
    grant(LEASE, 2);
    pass(1_950);
    clock += 100;
    lessor.step();
    confirm();
    fail();
    assertEquals(new Times(0, 0), renew(LEASE));
    assertEquals(1, store.leases().size());
    pass(1_100);
    assertEquals(0, store.leases().size());
  }

  @Test
  void anEndDecidedInOneTermIsVoidInTheNext() {
    become(1);
    grant(LEASE, 2);
    pass(1_950);
    clock += 100;
    lessor.step();
    confirm();
    assertEquals(1, proposals.size());
    term = 2;
    commit();
    assertEquals(1, store.leases().size());
    become(2);
    assertEquals(new Times(2, 2), renew(LEASE));
  }

  @Test
  void nothingIsEndedWithoutProofOfLeadership() {
    become(1);
    grant(LEASE, 2);
    for (int i = 0; i < 100; i++) {
      clock += 100;
      lessor.step();
    }
    assertTrue(proposals.isEmpty());
    assertEquals(1, barriers.size());
  }

  @Test
  void aNewLeaderGivesEveryLeaseItsTimeAndAnElectionMore() {
    leads = false;
    lessor.step();
    grant(LEASE, 10);
    clock += 9_000;
    become(2);
    assertEquals(new Times(11, 10), look(LEASE));
    pass(10_900);
    assertEquals(1, store.leases().size());
    pass(300);
    assertEquals(0, store.leases().size());
  }

  @Test
  void aFollowerEndsNothing() {
    become(1);
    grant(LEASE, 2);
    leads = false;
    term = 2;
    pass(10_000);
    assertEquals(1, store.leases().size());
    assertTrue(barriers.isEmpty());
  }

  @Test
  void whileItsLeaderStandsStillALeaseDoesNotAge() {
    become(1);
    grant(LEASE, 10);
    pass(2_000);
    for (int i = 0; i < 3; i++) {
      // Stopped, and nobody else was elected.
      clock += 60_000;
      pass(1_000);
    }
    assertEquals(new Times(5, 10), look(LEASE));
    pass(5_200);
    assertEquals(0, store.leases().size());
  }

  @Test
  void notMoreLeasesEndInASecondThanTheRateAndOnlySoManyAreUnderWay() {
    leads = false;
    LongStream.rangeClosed(1, 3000).forEach(id -> grant(id, 2));
    become(2);
    clock += 500;
    long before = store.leases().size();
    assertEquals(3000, before);
    // The deadlines are spread: three quarters of the rate in each second.
    int least = Integer.MAX_VALUE;
    for (int second = 0; second < 8; second++) {
      pass(1000);
      long now = store.leases().size();
      assertTrue(before - now <= Lessor.REVOKE_RATE, (before - now) + " in a second");
      if (before - now > 0) {
        least = (int) Math.min(least, before - now);
      }
      before = now;
    }
    assertEquals(0, before);
    assertTrue(least > 0);
  }

  @Test
  void whatIsDueAtOnceGoesByTheRate() {
    become(1);
    LongStream.rangeClosed(1, 2500).forEach(id -> grant(id, 10));
    pass(9_950);
    long before = store.leases().size();
    assertEquals(2500, before);
    for (int second = 0; second < 3; second++) {
      pass(1000);
      long now = store.leases().size();
      assertTrue(before - now <= Lessor.REVOKE_RATE * 3 / 2, (before - now) + " in a second");
      before = now;
    }
    assertEquals(0, store.leases().size());
  }

  @Test
  void leasesOfOneKeyEachEndAsFastAsTheyArePut() {
    become(1);
    int each = Lessor.OWN_RATE / 2;
    for (int second = 0; second < 3; second++) {
      for (int i = 0; i < each; i++) {
        long id = 1 + (long) second * each + i;
        var put = new TimedPut(1, Feed.put("key" + id, "v", id));
        apply(new Proposal(CommandKind.TIMED_PUT, put.encode(), null, null));
      }
      // Leases of clients beside them keep their pace.
      grant(1_000_000 + second, 1);
      pass(1_000);
    }
    assertTrue(store.leases().size() <= each + 1, store.leases().size() + " are left");
    pass(1_200);
    assertEquals(0, store.leases().size());
  }

  @Test
  void aNewLeaderSpreadsThemByTheirOwnRate() {
    leads = false;
    for (long id = 1; id <= 9_000; id++) {
      var put = new TimedPut(1, Feed.put("key" + id, "v", id));
      apply(new Proposal(CommandKind.TIMED_PUT, put.encode(), null, null));
    }
    become(2);
    // The first 7500 when the time and the extension are over, the others a second later.
    pass(1_000 + 1_000 + 1_000 + 200);
    assertEquals(0, store.leases().size());
  }

  @Test
  void endsUnderWayAreBounded() {
    become(1);
    LongStream.rangeClosed(1, 2500).forEach(id -> grant(id, 2));
    for (int i = 0; i < 100; i++) {
      clock += 100;
      lessor.step();
      confirm();
    }
    assertEquals(Lessor.MAX_ENDING, proposals.size());
    commit();
    pass(100);
    assertTrue(store.leases().size() < 2500 - Lessor.MAX_ENDING);
  }

  @Test
  void whatRemainsOfLongLeasesIsNotedAndANewLeaderGoesOnFromThere() {
    become(1);
    grant(LEASE, 3600);
    grant(8, 3600);
    grant(9, 60);
    committed.clear();
    pass(301_000);
    // One entry for both; the short one is not worth it, and has ended.
    assertEquals(List.of(CommandKind.LEASE_EXPIRE, CommandKind.LEASE_CHECKPOINT), committed);
    assertEquals(new Lease(LEASE, 3600, 3300), store.lease(LEASE));
    pass(300_000);
    assertEquals(new Lease(LEASE, 3600, 3000), store.lease(LEASE));
    leads = false;
    lessor.step();
    become(2);
    assertEquals(new Times(3001, 3600), look(LEASE));
  }

  @Test
  void aRenewalTakesANoteBackBeforeItIsAnswered() {
    become(1);
    grant(LEASE, 3600);
    pass(301_000);
    assertEquals(3300, store.lease(LEASE).remaining());
    var asked = ask(new LeaseAsk(LEASE, true), new LeaseAsk(99, true));
    confirm();
    assertNull(asked.times);
    commit();
    assertEquals(List.of(new Times(3600, 3600), new Times(0, 0)), asked.times);
    assertEquals(new Lease(LEASE, 3600, 0), store.lease(LEASE));
    committed.clear();
    assertEquals(new Times(3600, 3600), renew(LEASE));
    assertEquals(List.of(), committed);
  }

  @Test
  void aRenewalWhileANoteIsOnItsWayTakesItBackToo() {
    become(1);
    grant(LEASE, 3600);
    pass(300_000);
    clock += 50;
    lessor.step();
    assertEquals(CommandKind.LEASE_CHECKPOINT, proposals.getFirst().kind);
    var asked = ask(new LeaseAsk(LEASE, true));
    confirm();
    assertNull(asked.times);
    commit();
    assertEquals(List.of(new Times(3600, 3600)), asked.times);
    assertEquals(new Lease(LEASE, 3600, 0), store.lease(LEASE));
  }

  @Test
  void aNoteThatMayHaveArrivedIsTakenBackAndARenewalThatCouldNotIsAskedAgain() {
    become(1);
    grant(LEASE, 3600);
    pass(300_000);
    clock += 50;
    lessor.step();
    var note = proposals.getFirst();
    fail();
    var asked = ask(new LeaseAsk(LEASE, true));
    confirm();
    assertEquals(1, proposals.size());
    // The note arrives late, but before the renewal's.
    apply(new Proposal(note.kind, note.payload, null, null));
    assertEquals(3300, store.lease(LEASE).remaining());
    fail();
    assertEquals(List.of(), asked.times);
    assertEquals(new Times(3600, 3600), renew(LEASE));
    assertEquals(0, store.lease(LEASE).remaining());
  }

  @Test
  void aRenewalThatAnEarlierLeaderPutIntoTheLogCounts() {
    become(1);
    grant(LEASE, 3600);
    pass(301_000);
    leads = false;
    lessor.step();
    become(2);
    pass(10_000);
    var whole = List.of(new LeaseCommand.Checkpoint.Remaining(LEASE, 0));
    var reset = new LeaseCommand.Checkpoint(2, whole);
    apply(new Proposal(CommandKind.LEASE_CHECKPOINT, reset.encode(), null, null));
    assertEquals(new Times(3600, 3600), look(LEASE));
  }

  @Test
  void aRevokedLeaseIsForgottenAndGrantedAnew() {
    become(1);
    grant(LEASE, 2);
    pass(1_000);
    apply(new Proposal(CommandKind.LEASE_REVOKE, Feed.revoke(LEASE).toByteArray(), null, null));
    assertEquals(new Times(0, 0), renew(LEASE));
    grant(LEASE, 20);
    pass(15_000);
    assertEquals(new Times(5, 20), look(LEASE));
  }

  @Test
  void leasesComeInTheOrderOfTheirEndsWhereThatIsKnown() {
    become(1);
    grant(1, 30);
    grant(2, 10);
    grant(3, 20);
    renew(2);
    assertEquals(List.of(2L, 3L, 1L), order());
    leads = false;
    assertEquals(List.of(1L, 2L, 3L), order());
  }

  @Test
  void ofLeasesThatEndInTheSameMillisecondTheOneGrantedFirstComesFirst() {
    become(1);
    grant(2, 30);
    grant(1, 30);
    assertEquals(List.of(2L, 1L), order());
  }

  private List<Long> order() {
    return lessor.inOrder(store.leases()).stream().map(Lease::id).toList();
  }

  @Test
  void theLongestTimeThereIsDoesNotOverflow() {
    become(1);
    grant(LEASE, 9_000_000_000L);
    assertEquals(new Times(9_000_000_000L, 9_000_000_000L), renew(LEASE));
    assertEquals(new Times(9_000_000_000L, 9_000_000_000L), look(LEASE));
    pass(400_000);
    assertEquals(8_999_999_700L, store.lease(LEASE).remaining());
  }
}
