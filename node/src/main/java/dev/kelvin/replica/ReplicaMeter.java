package dev.kelvin.replica;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;

/** What a replica counts of itself. None of it is on the way of a request that succeeds. */
public final class ReplicaMeter {
  final LongAdder leaderChanges = new LongAdder();
  final LongAdder proposalsFailed = new LongAdder();
  final LongAdder readIndexesFailed = new LongAdder();
  final LongAdder slowReadIndexes = new LongAdder();
  final LongAdder lateHeartbeats = new LongAdder();
  private final IntSupplier pending;

  /**
   * @param pending counts the proposals without outcome; may cost some microseconds
   */
  ReplicaMeter(IntSupplier pending) {
    this.pending = pending;
  }

  /** How often a leader was found where none, or another one, was known before. */
  public long leaderChanges() {
    return leaderChanges.sum();
  }

  /** Proposals of this node that had no outcome in time. */
  public long proposalsFailed() {
    return proposalsFailed.sum();
  }

  /** Proposals of this node that wait for their outcome. */
  public int proposalsPending() {
    return pending.getAsInt();
  }

  /** Questions for a commit index that nobody answered as leader, or that were dropped. */
  public long readIndexesFailed() {
    return readIndexesFailed.sum();
  }

  /** Reads whose time was over before they were given a commit index. */
  public long slowReadIndexes() {
    return slowReadIndexes.sum();
  }

  /**
   * Heartbeats, by receiver, that this leader was late with because its own loop had not run for
   * two intervals.
   */
  public long lateHeartbeats() {
    return lateHeartbeats.sum();
  }
}
