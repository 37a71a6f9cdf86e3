package dev.kelvin.member;

import dev.kelvin.log.CorruptLogException;
import dev.kelvin.log.FatalLogException;
import dev.kelvin.raft.SnapshotMeta;
import dev.kelvin.replica.ReplicaEvents;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.StoreException;
import dev.kelvin.store.UnknownFormatException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Tells the node's story in its log: who leads, who belongs, what changed and why. */
final class NodeLog {
  private static final Logger LOG = Logger.getLogger("kelvin.member");

  private final String self;
  private final Supplier<ClusterState> cluster;
  private final LongSupplier memberId;
  private final Consumer<ClusterState> changed;

  /** What was last said of each member, so that a retry says nothing new. */
  private final Map<Long, String> lastWords = new HashMap<>();

  private long leader;

  /**
   * @param changed also told of each change of the members
   */
  NodeLog(
      String self,
      Supplier<ClusterState> cluster,
      LongSupplier memberId,
      Consumer<ClusterState> changed) {
    this.self = self;
    this.cluster = cluster;
    this.memberId = memberId;
    this.changed = changed;
  }

  private String name(long member) {
    var name = cluster.get().member(member).map(m -> m.name()).filter(n -> !n.isEmpty());
    var id = "%016x".formatted(member);
    return name.map(n -> n + " (" + id + ")").orElse(id);
  }

  synchronized void unreachable(long member, String why) {
    if (!why.equals(lastWords.put(member, why))) {
      LOG.warnf("no stream to %s: %s", name(member), why);
    }
  }

  private synchronized void leader(long term, long now) {
    if (now == 0) {
      LOG.warnf("term %d: no leader (was %s)", term, name(leader));
    } else if (now == memberId.getAsLong()) {
      LOG.infof("term %d: this node leads", term);
    } else {
      LOG.infof("term %d: %s leads", term, name(now));
    }
    leader = now;
    // A member that fails again after this is news again.
    lastWords.clear();
  }

  ReplicaEvents events(Consumer<Throwable> fatal) {
    return new ReplicaEvents() {
      @Override
      public void leader(long term, long now) {
        NodeLog.this.leader(term, now);
      }

      @Override
      public void cluster(ClusterState now) {
        LOG.infof(
            "members: %s",
            now.members().stream()
                .map(
                    m ->
                        "%s %016x at %s%s"
                            .formatted(
                                m.name(),
                                m.id(),
                                String.join(",", m.peerUrls()),
                                m.learner() ? " (learner)" : ""))
                .collect(Collectors.joining("; ")));
        changed.accept(now);
      }

      @Override
      public void snapshotSent(long to, SnapshotMeta snapshot, boolean success) {
        if (success) {
          LOG.infof("sent a snapshot as of entry %d to %s", snapshot.index(), name(to));
        } else {
          LOG.warnf("could not send a snapshot to %s; will try again", name(to));
        }
      }

      @Override
      public void snapshotInstalled(SnapshotMeta snapshot) {
        LOG.infof("took over a snapshot as of entry %d", snapshot.index());
      }

      @Override
      public void snapshotNotInstalled(SnapshotMeta snapshot, Throwable cause) {
        LOG.errorf(
            cause,
            "cannot take over a snapshot as of entry %d; going on as before",
            snapshot.index());
      }

      @Override
      public void logTruncated(long firstIndex, long bytes) {
        LOG.infof("cut the log: it begins at entry %d, %d MiB", firstIndex, bytes >> 20);
      }

      @Override
      public void waitsForSpace(String what, String why) {
        LOG.errorf("disk full: %s waits for space and goes on when there is some (%s)", what, why);
      }

      @Override
      public void hasSpaceAgain(String what) {
        LOG.infof("%s has disk space again and goes on", what);
      }

      @Override
      public void fatal(Throwable cause) {
        switch (cause) {
          // Not defects of this program: where they come from in it helps nobody.
          case StoreException e ->
              LOG.fatalf(
                  "%s cannot go on: %s; if a file is damaged, %s",
                  self, e.getMessage(), DataCheck.REMEDY);
          case FatalLogException e -> LOG.fatalf("%s cannot go on: %s", self, e.getMessage());
          case CorruptLogException e -> LOG.fatalf("%s cannot go on: %s", self, e.getMessage());
          case UnknownFormatException e -> LOG.fatalf("%s cannot go on: %s", self, e.getMessage());
          default -> LOG.fatalf(cause, "%s cannot go on: %s", self, cause.getMessage());
        }
        fatal.accept(cause);
      }
    };
  }
}
