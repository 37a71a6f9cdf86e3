package dev.kelvin.member;

import dev.kelvin.store.BadSnapshotFileException;
import dev.kelvin.store.Member;
import dev.kelvin.store.NoSpaceException;
import dev.kelvin.store.Restoration;
import dev.kelvin.store.SnapshotFile;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Founds clusters of snapshot files: at the start of a node, or as cluster care asks for it, in the
 * background, for reading the file takes as long as it takes. What came of it is asked for.
 */
final class Restorer {
  private static final Logger LOG = Logger.getLogger("kelvin.member");

  /** The same file is not read again and again by somebody who asks again and again. */
  private static final long PAUSE = TimeUnit.SECONDS.toNanos(10);

  private final NodeRuntime node;
  private final DataDirectory directory;
  private final NodeConfig config;

  private volatile boolean running;
  private volatile String refusal = "";
  private volatile Restoration failed;
  private volatile long failedAt;

  Restorer(NodeRuntime node, DataDirectory directory, NodeConfig config) {
    this.node = node;
    this.directory = directory;
    this.config = config;
  }

  /**
   * Founds a cluster. Until all of the file is verified and on the disk the node waits, as it does
   * after a crash in the middle.
   *
   * @throws StartException when nothing can be founded of it; the directory is empty again
   */
  void restore(long clusterId, Restoration from) {
    node.founded(clusterId, take(clusterId, from));
  }

  private Member take(long clusterId, Restoration from) {
    var self = node.founder();
    LOG.infof("founding cluster %016x as member %016x from %s", clusterId, self.id(), from.file());
    directory.clear(self.incarnation());
    SnapshotFile.Summary summary;
    try {
      summary = Group.restore(directory, config, clusterId, self, from);
    } catch (BadSnapshotFileException | NoSpaceException e) {
      directory.clear(self.incarnation());
      throw new StartException("cannot found a cluster from a snapshot: " + e.getMessage(), e);
    }
    var header = summary.header();
    LOG.infof(
        "took over %d keys and %d leases of cluster %016x at revision %d%s",
        header.keys(),
        header.leases(),
        header.cluster(),
        header.revision(),
        from.bump() == 0
            ? ""
            : "; all up to %d is compacted".formatted(header.revision() + from.bump()));
    return self;
  }

  /** Whether one is under way: nothing else must become of the node meanwhile. */
  boolean running() {
    return running;
  }

  /** Why the last one came to nothing; empty if there was none, or it is not known yet. */
  String refusal() {
    return refusal;
  }

  /** Begins, unless one is under way, or this one failed a moment ago; for one thread at a time. */
  void begin(long clusterId, Restoration from) {
    boolean again = from.equals(failed) && System.nanoTime() - failedAt < PAUSE;
    if (running || again) {
      return;
    }
    running = true;
    Thread.ofPlatform().name("kelvin-restore").daemon().start(() -> run(clusterId, from));
  }

  private void run(long clusterId, Restoration from) {
    try {
      var self = taken(clusterId, from);
      if (self.isPresent()) {
        node.founded(clusterId, self.get());
      }
    } catch (RuntimeException e) {
      // Half a member: only a start from what is on the disk can tell what it is.
      node.die(e);
    } finally {
      running = false;
    }
  }

  private Optional<Member> taken(long clusterId, Restoration from) {
    try {
      return Optional.of(take(clusterId, from));
    } catch (StartException e) {
      LOG.error(e.getMessage());
      refusal = e.getMessage();
      failedAt = System.nanoTime();
      failed = from;
      return Optional.empty();
    }
  }
}
