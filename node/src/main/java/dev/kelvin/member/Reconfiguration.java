package dev.kelvin.member;

import dev.kelvin.raft.RaftStatus;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Member;
import dev.kelvin.store.MemberChange;
import dev.kelvin.store.MemberChangeCodec;
import dev.kelvin.store.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Finds the leader for a change and, on the leader, checks and proposes it. */
final class Reconfiguration implements MemberChanges {
  private static final Logger LOG = Logger.getLogger("kelvin.member");

  /** How long a leader is waited for. */
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(5);

  private static final long RETRY_MILLIS = 50;
  private static final long TRANSFER_LOOK_MILLIS = 2;

  /**
   * What a change needs of a running replica.
   *
   * @param electionMillis time a transfer is given
   */
  record Running(Replica replica, ClusterState cluster, long electionMillis) {}

  /** Gives null while there is no replica. */
  private final Supplier<Running> self;

  private final CareClient leader;
  private final ScheduledExecutorService timer;

  Reconfiguration(Supplier<Running> self, CareClient leader, ScheduledExecutorService timer) {
    this.self = self;
    this.leader = leader;
    this.timer = timer;
  }

  @Override
  public void change(MemberChange change, Answer answer) {
    route(change, answer, System.nanoTime() + PATIENCE);
  }

  private void route(MemberChange change, Answer answer, long deadline) {
    var running = self.get();
    if (running == null) {
      answer.refused(Refusal.notNow("this node is not a member of a cluster"));
      return;
    }
    var status = running.replica.status();
    if (status.leader() == status.member()) {
      lead(change, running, status, answer, deadline);
      return;
    }
    if (status.leader() == 0) {
      again(() -> route(change, answer, deadline), answer, Refusal.NO_LEADER, deadline);
      return;
    }
    leader.change(
        running.cluster,
        status.leader(),
        change,
        new Answer() {
          @Override
          public void done(Member member, List<Member> members) {
            answer.done(member, members);
          }

          @Override
          public void refused(Refusal refusal) {
            if (refusal.equals(Refusal.NOT_LEADER)) {
              again(() -> route(change, answer, deadline), answer, Refusal.NO_LEADER, deadline);
            } else {
              answer.refused(refusal);
            }
          }
        });
  }

  private void again(Runnable step, Answer answer, Refusal otherwise, long deadline) {
    if (System.nanoTime() > deadline) {
      answer.refused(otherwise);
    } else {
      later(step, RETRY_MILLIS, () -> answer.refused(Refusal.STOPPED));
    }
  }

  private void later(Runnable step, long millis, Runnable stopped) {
    try {
      timer.schedule(step, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      stopped.run();
    }
  }

  /** A change that was passed on: carried out here or not at all. */
  void changeAsLeader(MemberChange change, Answer answer) {
    var running = self.get();
    var status = running == null ? null : running.replica.status();
    if (status == null || status.leader() != status.member()) {
      answer.refused(Refusal.NOT_LEADER);
    } else {
      lead(change, running, status, answer, System.nanoTime() + PATIENCE);
    }
  }

  private void lead(
      MemberChange change, Running running, RaftStatus status, Answer answer, long deadline) {
    var refusal = ChangeChecks.check(change, running.cluster, status);
    if (Refusal.UNHEALTHY.equals(refusal) && !status.settled()) {
      // Only just elected: the others may not have answered yet.
      again(() -> route(change, answer, deadline), answer, refusal, deadline);
    } else if (refusal != null) {
      // A learner asks again and again until it is in sync.
      if (!refusal.equals(Refusal.LEARNER_NOT_READY)) {
        LOG.warnf("refused %s: %s", change, refusal.text());
      }
      answer.refused(refusal);
    } else if (change instanceof MemberChange.Remove(long id) && id == status.member()) {
      // Somebody else leads first, or all would wait for an election.
      transferAsLeader(
          0,
          failed -> {
            if (failed != null) {
              answer.refused(failed);
            } else {
              route(change, answer, deadline);
            }
          });
    } else {
      propose(change, running, answer);
    }
  }

  private void propose(MemberChange change, Running running, Answer answer) {
    running.replica.propose(
        CommandKind.MEMBER,
        MemberChangeCodec.encode(change),
        Runnable::run,
        new Replica.Completion() {
          @Override
          public void done(Outcome outcome) {
            switch (outcome) {
              case Outcome.MemberDone(var member, var cluster) ->
                  answer.done(member, cluster.members());
              case Outcome.Failed(var error) ->
                  answer.refused(new Refusal(error.code(), error.text()));
              default -> throw new IllegalStateException("not of a member change: " + outcome);
            }
          }

          @Override
          public void failed(Replica.Failure failure) {
            answer.refused(
                switch (failure) {
                  case NO_LEADER -> Refusal.NO_LEADER;
                  case STOPPING -> Refusal.STOPPED;
                  default -> Refusal.TIMEOUT;
                });
          }
        });
  }

  @Override
  public void transfer(long to, Consumer<Refusal> answer) {
    var running = self.get();
    if (running == null) {
      answer.accept(Refusal.notNow("this node is not a member of a cluster"));
      return;
    }
    var status = running.replica.status();
    if (status.leader() == status.member()) {
      transferAsLeader(to, answer);
    } else if (status.leader() == 0) {
      answer.accept(Refusal.NO_LEADER);
    } else if (to == status.leader()) {
      answer.accept(null);
    } else {
      leader.transfer(running.cluster, status.leader(), to, answer);
    }
  }

  /**
   * Hands leadership to the voter that is best suited, if this node leads; returns when that is
   * done or was given up.
   */
  void handOver() {
    var running = self.get();
    var status = running == null ? null : running.replica.status();
    if (status == null
        || status.leader() != status.member()
        || status.membership().voters().size() < 2) {
      return;
    }
    var outcome = new CompletableFuture<Optional<Refusal>>();
    transfer(0, refusal -> outcome.complete(Optional.ofNullable(refusal)));
    try {
      outcome
          .get(2 * running.electionMillis, TimeUnit.MILLISECONDS)
          .ifPresentOrElse(
              refusal -> LOG.warnf("nobody takes leadership over: %s", refusal.text()),
              () -> LOG.info("handed leadership over"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warnf("nobody takes leadership over: %s", e);
    }
  }

  void transferAsLeader(long to, Consumer<Refusal> answer) {
    var running = self.get();
    var status = running == null ? null : running.replica.status();
    if (status == null || status.leader() != status.member()) {
      answer.accept(Refusal.NOT_LEADER);
      return;
    }
    if (to == status.member()) {
      answer.accept(null);
      return;
    }
    if (to != 0 && !status.membership().voters().contains(to)) {
      answer.accept(Refusal.BAD_TRANSFEREE);
      return;
    }
    var successor = to != 0 ? Optional.of(to) : ChangeChecks.successor(status);
    if (successor.isEmpty()) {
      answer.accept(Refusal.UNHEALTHY);
      return;
    }
    running.replica.transferLeadership(successor.get());
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(running.electionMillis);
    watchTransfer(running, successor.get(), deadline, answer);
  }

  private void watchTransfer(Running running, long to, long deadline, Consumer<Refusal> answer) {
    if (running.replica.status().leader() == to) {
      answer.accept(null);
    } else if (System.nanoTime() > deadline) {
      answer.accept(Refusal.TRANSFER_TIMEOUT);
    } else {
      later(
          () -> watchTransfer(running, to, deadline, answer),
          TRANSFER_LOOK_MILLIS,
          () -> answer.accept(Refusal.STOPPED));
    }
  }
}
