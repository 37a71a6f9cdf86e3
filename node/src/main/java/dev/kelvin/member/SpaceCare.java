package dev.kelvin.member;

import dev.kelvin.raft.RaftStatus;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Has a leader whose disk is short of space hand over to the voter that has caught up most among
 * those with room. While there is none it keeps leading: reads and deletes are answered.
 */
final class SpaceCare implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger("kelvin.member");
  private static final long PERIOD_MILLIS = 2_000;

  /** Asks another member whether it is short of space; empty when it does not answer. */
  interface Question {
    void ask(long member, Consumer<Optional<Boolean>> answer);
  }

  /** Hands leadership over; null is the answer when that is done. */
  interface HandOver {
    void to(long member, Consumer<Refusal> answer);
  }

  private final Supplier<RaftStatus> status;
  private final BooleanSupplier shortHere;
  private final Question question;
  private final HandOver handOver;
  private final AtomicBoolean busy = new AtomicBoolean();
  private String lastSaid = "";
  private ScheduledFuture<?> looks;

  SpaceCare(
      Supplier<RaftStatus> status,
      BooleanSupplier shortHere,
      Question question,
      HandOver handOver) {
    this.status = status;
    this.shortHere = shortHere;
    this.question = question;
    this.handOver = handOver;
  }

  void start(ScheduledExecutorService timer) {
    looks =
        timer.scheduleWithFixedDelay(
            this::look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  void look() {
    var now = status.get();
    if (!shortHere.getAsBoolean() || now.role() != RaftStatus.Role.LEADER) {
      forget();
      return;
    }
    var voters =
        now.peers().stream()
            .filter(p -> !p.learner() && p.active() && p.state() == RaftStatus.State.REPLICATE)
            .sorted(Comparator.comparingLong(RaftStatus.Peer::match).reversed())
            .map(RaftStatus.Peer::member)
            .toList();
    if (voters.isEmpty()) {
      stay();
    } else if (busy.compareAndSet(false, true)) {
      ask(voters);
    }
  }

  private void ask(List<Long> voters) {
    var room = ConcurrentHashMap.<Long>newKeySet();
    var open = new AtomicInteger(voters.size());
    for (long voter : voters) {
      question.ask(
          voter,
          isShort -> {
            if (isShort.isPresent() && !isShort.get()) {
              room.add(voter);
            }
            if (open.decrementAndGet() == 0) {
              voters.stream()
                  .filter(room::contains)
                  .findFirst()
                  .ifPresentOrElse(this::go, this::stay);
            }
          });
    }
  }

  private void go(long voter) {
    say("this node leads and its disk is short of space: handing over to %016x".formatted(voter));
    handOver.to(
        voter,
        refusal -> {
          if (refusal != null) {
            say("%016x did not take over: %s".formatted(voter, refusal.text()));
          }
          busy.set(false);
        });
  }

  private void stay() {
    say("this node leads, its disk is short of space, and no voter that answers has room");
    busy.set(false);
  }

  private synchronized void forget() {
    lastSaid = "";
  }

  private synchronized void say(String what) {
    if (!what.equals(lastSaid)) {
      lastSaid = what;
      LOG.warn(what);
    }
  }

  @Override
  public void close() {
    looks.cancel(false);
  }
}
