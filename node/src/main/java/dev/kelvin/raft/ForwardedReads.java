package dev.kelvin.raft;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;

/**
 * A follower's reads that a leader was asked about. Each ends in exactly one {@link
 * Effects.ReadState}: the leader's answer, or -1 when the leader changes or is silent for too long.
 */
final class ForwardedReads {
  private record Deadline(long context, long tick) {}

  private final Set<Long> pending = new HashSet<>();
  private final ArrayDeque<Deadline> deadlines = new ArrayDeque<>();

  /** Beyond so many pending reads more are refused. */
  private static final int MAX_PENDING = 1 << 16;

  /**
   * @return whether there was room
   */
  boolean add(long context, long deadlineTick) {
    if (deadlines.size() >= MAX_PENDING) {
      return false;
    }
    if (!pending.add(context)) {
      throw new IllegalStateException("read context " + context + " is in use");
    }
    deadlines.add(new Deadline(context, deadlineTick));
    return true;
  }

  /**
   * @return whether that read was pending
   */
  boolean remove(long context) {
    return pending.remove(context);
  }

  /** Gives up the reads whose deadline has come. */
  void expire(long tick, Outbox out) {
    while (!deadlines.isEmpty() && deadlines.peek().tick() <= tick) {
      long context = deadlines.remove().context();
      if (pending.remove(context)) {
        out.read(context, -1);
      }
    }
  }

  void failAll(Outbox out) {
    for (Deadline deadline : deadlines) {
      if (pending.remove(deadline.context())) {
        out.read(deadline.context(), -1);
      }
    }
    deadlines.clear();
  }
}
