package dev.kelvin.replica;

import dev.kelvin.raft.RaftStatus;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * What became of snapshots that were sent.
 *
 * <p>The core hears at once of success; of a failure only after a while, longer with each in a row,
 * because it then asks for another snapshot, and that costs a flush and, where it fails again,
 * brings nothing.
 *
 * <p>For a member that has one, the log is kept until it has caught up, or for a bounded time: else
 * the log might be cut past it while it installs, and so for ever.
 */
final class SentSnapshots {
  /** In ticks of 10 ms, as the next. */
  private static final long FIRST_WAIT = 20;

  private static final long MAX_WAIT = 3000;
  private static final long MAX_CATCH_UP = 3000;

  /** Entries behind the leader's last at which a member has caught up. */
  private static final long CLOSE = 1000;

  private record Waiting(Control.SnapshotSent sent, long due) {}

  private record CatchingUp(long term, long until) {}

  private final Map<Long, Waiting> waiting = new HashMap<>();
  private final Map<Long, CatchingUp> catchingUp = new HashMap<>();

  /** By member, the wait after its last failure. */
  private final Map<Long, Long> waits = new HashMap<>();

  void add(Control.SnapshotSent sent, long now) {
    long until = now;
    if (sent.success()) {
      waits.remove(sent.to());
      until += MAX_CATCH_UP;
      waiting.put(sent.to(), new Waiting(sent, now));
    } else {
      long wait = waits.merge(sent.to(), FIRST_WAIT, (last, first) -> Math.min(2 * last, MAX_WAIT));
      waiting.put(sent.to(), new Waiting(sent, now + wait));
    }
    catchingUp.put(sent.to(), new CatchingUp(sent.term(), until));
  }

  /** One that is due, which is then forgotten; or null. */
  Control.SnapshotSent poll(long now) {
    for (Iterator<Waiting> i = waiting.values().iterator(); i.hasNext(); ) {
      var next = i.next();
      if (next.due <= now) {
        i.remove();
        return next.sent;
      }
    }
    return null;
  }

  /**
   * @param status of this replica
   * @param release told of each member for which the log need not be kept any more
   */
  void releaseWhoCaughtUp(RaftStatus status, long now, LongConsumer release) {
    catchingUp
        .entrySet()
        .removeIf(
            member -> {
              var over = member.getValue();
              if (over.term == status.term()
                  && now < over.until
                  && !caughtUp(status, member.getKey())) {
                return false;
              }
              release.accept(member.getKey());
              return true;
            });
  }

  private static boolean caughtUp(RaftStatus status, long member) {
    return status.peers().stream()
        .noneMatch(peer -> peer.member() == member && peer.match() + CLOSE < status.lastIndex());
  }
}
