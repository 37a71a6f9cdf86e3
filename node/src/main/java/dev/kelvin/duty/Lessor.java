package dev.kelvin.duty;

import dev.kelvin.raft.RaftStatus;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Lease;
import dev.kelvin.store.LeaseChange;
import dev.kelvin.store.LeaseCommand;
import dev.kelvin.store.LeaseCommand.Checkpoint.Remaining;
import dev.kelvin.store.LeaseListener;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.Reader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Decides when leases end, on the leader; what it decides takes effect by an entry, which is void
 * in another term. Nothing is renewed or ended before a linearizable point, reached in one term of
 * this node's leadership, has shown that it led after the question came and has applied all that
 * earlier leaders committed. docs/leases.md tells why that is safe.
 *
 * <p>All on one lane, which the owner gives and on which it calls {@link #step} about ten times a
 * second; but the listener's methods are the applying thread's.
 */
public final class Lessor implements LeaseListener {
  /** Leases ended in a second at most, as etcd. */
  static final int REVOKE_RATE = 1000;

  /** Ends on their way through the log at once. */
  static final int MAX_ENDING = 256;

  /**
   * The same of leases that are one key's own: each end costs about what a put does, and they are
   * as many as puts. Under way are at most a quarter of the requests that a node takes.
   */
  static final int OWN_RATE = 10_000;

  static final int MAX_OWN_ENDING = 2048;

  /** Leases of one checkpoint entry. */
  static final int MAX_NOTES = 1000;

  private static final long RETRY_MILLIS = 1000;

  /** Receives what was asked. */
  public interface Answer {
    /** In the order of the questions. */
    void done(List<LeaseAsk.Times> times);

    /** This node does not lead, or cannot show that it does: to be asked again. */
    void unknown();
  }

  private final Replica replica;
  private final Reader reader;
  private final Executor lane;
  private final LongSupplier clock;
  private final long extension;
  private final Queue<LeaseChange> changes = new ConcurrentLinkedQueue<>();
  private final LongAdder renewed = new LongAdder();
  private final LongAdder expired = new LongAdder();

  /** Whether changes are of interest: while it leads. */
  private volatile boolean listening;

  private volatile boolean replaced;

  /** Term it led in when last looked at; 0 if it did not. */
  private long term;

  /** Null before the leadership of this term is confirmed. */
  private Deadlines deadlines;

  private boolean confirming;
  private boolean noting;
  private final EndPace shared;
  private final EndPace own;
  private long lastLook;
  private long lost;

  /**
   * @param clock milliseconds, monotonic
   * @param extension milliseconds that a new leader adds to all leases: those without a leader
   */
  public Lessor(Replica replica, Reader reader, Executor lane, LongSupplier clock, long extension) {
    this.replica = replica;
    this.reader = reader;
    this.lane = lane;
    this.clock = clock;
    this.extension = extension;
    lastLook = clock.getAsLong();
    shared = new EndPace(REVOKE_RATE, MAX_ENDING, lastLook);
    own = new EndPace(OWN_RATE, MAX_OWN_ENDING, lastLook);
  }

  // By the applying thread.

  @Override
  public void changed(List<LeaseChange> applied) {
    if (listening) {
      changes.addAll(applied);
    }
  }

  @Override
  public void replaced() {
    replaced = true;
  }

  // By any thread.

  /** Renewals that this node granted as leader. */
  public long renewed() {
    return renewed.sum();
  }

  /** Leases whose time was over and that this node ended as leader. */
  public long expired() {
    return expired.sum();
  }

  // On the lane.

  /** Begins what is due. */
  public void step() {
    long now = leads();
    long time = time();
    if (now == 0) {
      return;
    }
    hear();
    boolean due = deadlines == null || deadlines.anyDue(time);
    if (due && !confirming) {
      confirming = true;
      confirm(
          confirmed -> {
            confirming = false;
            endDue(confirmed);
          },
          () -> confirming = false);
    }
    if (deadlines != null && !noting) {
      note(now);
    }
  }

  /**
   * Milliseconds by the clock, but for those in which this process, or its machine, stood still for
   * as long as an election takes: clients asked in vain meanwhile.
   */
  private long time() {
    long now = clock.getAsLong();
    if (now - lastLook > extension) {
      lost += now - lastLook;
    }
    lastLook = now;
    return now - lost;
  }

  /** Answers on the lane, and sooner or later in any case. */
  public void ask(List<LeaseAsk> asked, Answer answer) {
    confirm(confirmed -> answer(confirmed, asked, answer), answer::unknown);
  }

  /** Orders leases as etcd does: on the leader by their end; elsewhere nobody knows it. */
  public List<Lease> inOrder(List<Lease> leases) {
    leads();
    if (deadlines == null) {
      return leases.stream().sorted(Comparator.comparingLong(Lease::id)).toList();
    }
    hear();
    return leases.stream().sorted(deadlines.order()).toList();
  }

  /** Term this node leads in, or 0; forgets all deadlines of another. */
  private long leads() {
    var status = replica.status();
    long now = status.role() == RaftStatus.Role.LEADER ? status.term() : 0;
    if (now != term || replaced) {
      replaced = false;
      listening = false;
      deadlines = null;
      changes.clear();
      term = now;
    }
    return now;
  }

  private void confirm(LongConsumer then, Runnable otherwise) {
    long asked = leads();
    if (asked == 0) {
      otherwise.run();
      return;
    }
    replica.barrier(
        lane,
        new Replica.Barrier() {
          @Override
          public void reached() {
            // Leading in one term before and after, it was asked itself, and not another leader.
            if (leads() != asked) {
              otherwise.run();
              return;
            }
            if (deadlines == null) {
              // In this order: what is applied from now on is in the queue or in the store, or
              // both.
              changes.clear();
              listening = true;
              deadlines = new Deadlines(reader.leases(), time(), extension);
            }
            hear();
            then.accept(asked);
          }

          @Override
          public void failed(Replica.Failure failure) {
            otherwise.run();
          }
        });
  }

  private void hear() {
    if (deadlines != null) {
      long now = time();
      for (var change = changes.poll(); change != null; change = changes.poll()) {
        deadlines.changed(change, now);
      }
    }
  }

  private void endDue(long confirmed) {
    endDue(confirmed, false, shared);
    endDue(confirmed, true, own);
  }

  private void endDue(long confirmed, boolean ownOnes, EndPace pace) {
    long now = time();
    var held = deadlines;
    for (var lease : held.takeDue(now, pace.most(now), ownOnes)) {
      pace.begins();
      propose(
          CommandKind.LEASE_EXPIRE,
          new LeaseCommand.Expire(confirmed, lease.id),
          success -> {
            pace.ended();
            hear();
            if (success) {
              expired.increment();
            }
            // Unless it is gone.
            held.again(lease, time() + RETRY_MILLIS);
          });
    }
  }

  private void note(long leading) {
    long now = time();
    var held = deadlines;
    var leases = held.takeNotes(now, MAX_NOTES);
    if (leases.isEmpty()) {
      return;
    }
    noting = true;
    checkpoint(
        leading,
        leases.stream().map(l -> new Remaining(l.id, Deadlines.toNote(l, now))).toList(),
        success -> {
          noting = false;
          leases.forEach(lease -> held.noted(lease, success, time()));
        });
  }

  private void answer(long confirmed, List<LeaseAsk> asked, Answer answer) {
    long now = time();
    var held = deadlines;
    var resets = new ArrayList<Deadlines.Held>();
    for (var ask : asked) {
      var lease = ask.renew() ? held.get(ask.lease()) : null;
      if (lease != null && !lease.expiring()) {
        held.renew(lease, now);
        renewed.increment();
        if (lease.noted()) {
          resets.add(lease);
          held.resetBegins(lease);
        }
      }
    }
    if (resets.isEmpty()) {
      answer.done(times(asked));
      return;
    }
    // Else the next leader would give it only what was noted down.
    checkpoint(
        confirmed,
        resets.stream().map(lease -> new Remaining(lease.id, 0)).toList(),
        success -> {
          resets.forEach(lease -> held.resetEnds(lease, success));
          if (success && leads() == confirmed && deadlines == held) {
            answer.done(times(asked));
          } else {
            answer.unknown();
          }
        });
  }

  private List<LeaseAsk.Times> times(List<LeaseAsk> asked) {
    long now = time();
    return asked.stream().map(ask -> times(ask, deadlines.get(ask.lease()), now)).toList();
  }

  private static LeaseAsk.Times times(LeaseAsk ask, Deadlines.Held lease, long now) {
    if (ask.renew()) {
      return lease == null || lease.expiring()
          ? new LeaseAsk.Times(0, 0)
          : new LeaseAsk.Times(lease.ttl, lease.ttl);
    }
    return lease == null
        ? new LeaseAsk.Times(-1, 0)
        : new LeaseAsk.Times(lease.secondsLeft(now), lease.ttl);
  }

  private interface Result {
    void known(boolean success);
  }

  private void checkpoint(long decided, List<Remaining> leases, Result result) {
    propose(CommandKind.LEASE_CHECKPOINT, new LeaseCommand.Checkpoint(decided, leases), result);
  }

  private void propose(CommandKind kind, LeaseCommand command, Result result) {
    replica.propose(
        kind,
        command.encode(),
        lane,
        new Replica.Completion() {
          @Override
          public void done(Outcome outcome) {
            hear();
            result.known(outcome instanceof Outcome.DutyDone);
          }

          @Override
          public void failed(Replica.Failure failure) {
            result.known(false);
          }
        });
  }
}
