package dev.kelvin.member;

import dev.kelvin.replica.Replica;
import dev.kelvin.store.CommandCodec;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Member;
import dev.kelvin.store.MemberChange;
import dev.kelvin.store.MemberChangeCodec;
import dev.kelvin.store.Outcome;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * What a member does for its own standing: it announces name, addresses and format when the cluster
 * knows them differently, and, having joined, becomes a voter once it has caught up. It also finds
 * out again and again whether it has caught up: what the leader has committed, and this node has
 * not heard of, shows in no status of its own.
 */
final class SelfCare implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger("kelvin.member");

  /** Highest entry format this build applies. */
  static final int FORMAT = CommandCodec.CURRENT;

  private static final long PERIOD_MILLIS = 100;
  private static final long CAUGHT_UP_PERIOD = TimeUnit.SECONDS.toNanos(1);

  private final NodeRuntime node;
  private final NodeConfig config;
  private final Replica replica;
  private final MemberChanges changes;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicBoolean asking = new AtomicBoolean();
  private volatile Refusal lastRefusal;

  /** Of {@link System#nanoTime}; 0 for never. */
  private volatile long caughtUp;

  private boolean said;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("kelvin-self-care").daemon().factory());

  SelfCare(NodeRuntime node, NodeConfig config, Replica replica, MemberChanges changes) {
    this.node = node;
    this.config = config;
    this.replica = replica;
    this.changes = changes;
  }

  void start() {
    timer.scheduleWithFixedDelay(this::look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** As {@link Node#caughtUpAgoMillis}. */
  long caughtUpAgoMillis() {
    long at = caughtUp;
    return at == 0 ? -1 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - at);
  }

  /** A linearizable point that is reached here proves that this node has caught up with it. */
  private void askForPoint() {
    boolean due = caughtUp == 0 || System.nanoTime() - caughtUp >= CAUGHT_UP_PERIOD;
    if (!due || replica.status().leader() == 0 || !asking.compareAndSet(false, true)) {
      return;
    }
    long asked = System.nanoTime();
    replica.barrier(
        timer,
        new Replica.Barrier() {
          @Override
          public void reached() {
            caughtUp = asked;
            asking.set(false);
          }

          @Override
          public void failed(Replica.Failure failure) {
            asking.set(false);
          }
        });
  }

  private void look() {
    askForPoint();
    var self = node.cluster().member(node.memberId());
    if (self.isEmpty() || replica.status().leader() == 0 || !busy.compareAndSet(false, true)) {
      return;
    }
    // Once: what somebody changes while this process runs is meant to stay.
    said = said || announced(self.get());
    if (!said) {
      announce();
    } else if (self.get().learner() && node.identity().promote()) {
      promote();
    } else {
      busy.set(false);
    }
  }

  private boolean announced(Member self) {
    return self.incarnation() == node.incarnation()
        && self.name().equals(config.name())
        && self.peerUrls().equals(config.peerUrls())
        && self.clientUrls().equals(config.clientUrls())
        && self.format() == FORMAT;
  }

  private void promote() {
    changes.change(
        new MemberChange.Promote(node.memberId()),
        new MemberChanges.Answer() {
          @Override
          public void done(Member member, List<Member> members) {
            LOG.info("caught up: this node is a voter now");
            busy.set(false);
          }

          @Override
          public void refused(Refusal refusal) {
            if (!refusal.equals(lastRefusal)) {
              LOG.infof("not a voter yet: %s", refusal.text());
            }
            lastRefusal = refusal;
            busy.set(false);
          }
        });
  }

  private void announce() {
    var claim =
        new MemberChange.Claim(
            node.memberId(),
            node.incarnation(),
            config.name(),
            config.peerUrls(),
            config.clientUrls(),
            FORMAT);
    replica.propose(
        CommandKind.MEMBER,
        MemberChangeCodec.encode(claim),
        timer,
        new Replica.Completion() {
          @Override
          public void done(Outcome outcome) {
            if (outcome instanceof Outcome.Failed(var error)) {
              LOG.warnf("the cluster refused %s: %s", claim, error.text());
            }
            busy.set(false);
          }

          @Override
          public void failed(Replica.Failure failure) {
            busy.set(false);
          }
        });
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
