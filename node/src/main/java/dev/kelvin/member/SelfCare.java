package dev.kelvin.member;

import dev.kelvin.replica.Replica;
import dev.kelvin.store.CommandCodec;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Member;
import dev.kelvin.store.MemberChange;
import dev.kelvin.store.MemberChangeCodec;
import dev.kelvin.store.Outcome;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * What a member does for its own standing: it announces name, addresses and format when the cluster
 * knows them differently, and, having joined, becomes a voter once it has caught up.
 */
final class SelfCare implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger("kelvin.member");

  /** Highest entry format this build applies. */
  static final int FORMAT = CommandCodec.CURRENT;

  private static final long PERIOD_MILLIS = 100;

  private final NodeRuntime node;
  private final NodeConfig config;
  private final Replica replica;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("kelvin-self-care").daemon().factory());

  SelfCare(NodeRuntime node, NodeConfig config, Replica replica) {
    this.node = node;
    this.config = config;
    this.replica = replica;
  }

  void start() {
    timer.scheduleWithFixedDelay(this::look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void look() {
    var self = node.cluster().member(node.memberId());
    if (self.isEmpty() || replica.status().leader() == 0 || !busy.compareAndSet(false, true)) {
      return;
    }
    if (!announced(self.get())) {
      propose(
          new MemberChange.Claim(
              node.memberId(),
              node.incarnation(),
              config.name(),
              config.peerUrls(),
              config.clientUrls(),
              FORMAT));
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

  /** A linearizable point that is reached here proves that this learner has caught up. */
  private void promote() {
    replica.barrier(
        timer,
        new Replica.Barrier() {
          @Override
          public void reached() {
            LOG.info("caught up; asking to become a voter");
            propose(new MemberChange.Promote(node.memberId()));
          }

          @Override
          public void failed(Replica.Failure failure) {
            busy.set(false);
          }
        });
  }

  private void propose(MemberChange change) {
    replica.propose(
        CommandKind.MEMBER,
        MemberChangeCodec.encode(change),
        timer,
        new Replica.Completion() {
          @Override
          public void done(Outcome outcome) {
            if (outcome instanceof Outcome.Failed(var error)) {
              LOG.warnf("the cluster refused %s: %s", change, error.text());
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
