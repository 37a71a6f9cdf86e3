package dev.kelvin.duty;

import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.raft.RaftStatus;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.Reader;
import dev.kelvin.store.StoreError;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Compacts by itself, as etcd's {@code --auto-compaction-retention} has it. By time: the revision
 * is noted down ten times in an hour, or in the retention if that is shorter; once the process has
 * run for the retention, what was current that long ago is compacted every hour, or every
 * retention. By revisions: looks every five minutes.
 *
 * <p>Every member notes revisions down, only the one that leads compacts: so a new leader knows how
 * old its revisions are, and goes on at once if it has run for long enough. The proposal is a
 * client's compaction and names no term: a revision stays as old as it was under another leader.
 *
 * <p>All on one lane, which the owner gives and on which it calls {@link #step} ten times a second
 * or more often.
 */
public final class Compactor {
  private static final Logger LOG = Logger.getLogger("kelvin.duty");
  private static final long HOUR = 3_600_000;

  /** Looks in an interval. */
  private static final int LOOKS = 10;

  static final long REVISION_MILLIS = 300_000;

  private final AutoCompaction config;
  private final Replica replica;
  private final Reader reader;
  private final Executor lane;
  private final LongSupplier clock;

  /** Milliseconds between compactions by time. */
  private final long interval;

  /** Milliseconds between looks. */
  private final long pause;

  /** What was current at each look of the retention, the oldest first. */
  private final ArrayDeque<Long> revisions = new ArrayDeque<>();

  /** Milliseconds after the last success before which none is due. */
  private long wait;

  private long lastSuccess;
  private long lastRevision;
  private long nextLook;
  private boolean proposed;

  /**
   * @param clock milliseconds, monotonic
   */
  public Compactor(
      AutoCompaction config, Replica replica, Reader reader, Executor lane, LongSupplier clock) {
    this.config = config;
    this.replica = replica;
    this.reader = reader;
    this.lane = lane;
    this.clock = clock;
    interval = Math.min(config.retention(), HOUR);
    pause = config.mode() == AutoCompaction.Mode.REVISION ? REVISION_MILLIS : interval / LOOKS;
    wait = config.retention();
    lastSuccess = clock.getAsLong();
    if (!config.off()) {
      look();
    }
  }

  /** On the lane. */
  public void step() {
    if (config.off() || proposed || clock.getAsLong() < nextLook) {
      return;
    }
    long revision = due();
    if (revision > 0 && replica.status().role() == RaftStatus.Role.LEADER) {
      compact(revision);
    } else {
      look();
    }
  }

  /** Revision to compact, or 0. */
  private long due() {
    long revision =
        switch (config.mode()) {
          case PERIODIC -> clock.getAsLong() - lastSuccess < wait ? 0 : revisions.getFirst();
          case REVISION -> Math.max(0, reader.revision() - config.retention());
        };
    return revision == lastRevision ? 0 : revision;
  }

  private void look() {
    if (config.mode() == AutoCompaction.Mode.PERIODIC) {
      revisions.add(reader.revision());
      if (revisions.size() > config.retention() / pause + 1) {
        revisions.removeFirst();
      }
    }
    nextLook = clock.getAsLong() + pause;
  }

  private void compact(long revision) {
    // The first one waits for all of the retention.
    wait = interval;
    proposed = true;
    replica.propose(
        CommandKind.COMPACT,
        CompactionRequest.newBuilder().setRevision(revision).build().toByteArray(),
        lane,
        new Replica.Completion() {
          @Override
          public void done(Outcome outcome) {
            if (outcome instanceof Outcome.Failed(var error) && error != StoreError.COMPACTED) {
              ended(revision, error.text());
            } else {
              ended(revision, null);
            }
          }

          @Override
          public void failed(Replica.Failure failure) {
            ended(revision, failure.toString());
          }
        });
  }

  /**
   * @param trouble null if what was to be compacted is, by whomever
   */
  private void ended(long revision, String trouble) {
    proposed = false;
    if (trouble == null) {
      lastRevision = revision;
      lastSuccess = clock.getAsLong();
      LOG.infof("compacted up to revision %d; automatic, keeps %s", revision, config);
    } else {
      LOG.warnf("revision %d not compacted, tried again in %d ms: %s", revision, pause, trouble);
    }
    look();
  }
}
