package dev.kelvin.raft;

/**
 * What a leader knows of one member and how it feeds it (the states of etcd-io/raft).
 *
 * <ul>
 *   <li>PROBE: where the logs agree is not known; one message at a time, the next one after an
 *       answer or a heartbeat's answer.
 *   <li>REPLICATE: messages are pipelined, within the limits of {@link Inflights}.
 *   <li>SNAPSHOT: nothing is sent until the snapshot's fate is known.
 * </ul>
 */
final class Progress {
  final long member;
  final Inflights inflights;
  boolean learner;

  /** Answered since the last quorum check. */
  boolean active;

  /** Answered between the last two quorum checks. */
  boolean wasActive;

  private RaftStatus.State state = RaftStatus.State.PROBE;
  private long match;
  private long next;
  private long sentCommit;
  private boolean paused;
  private boolean poked = true;

  Progress(long member, long next, Inflights inflights) {
    this.member = member;
    this.next = next;
    this.inflights = inflights;
  }

  RaftStatus.State state() {
    return state;
  }

  /** Highest index known to be durable there and equal to the leader's. */
  long match() {
    return match;
  }

  /** Index of the next entry to send. */
  long next() {
    return next;
  }

  boolean paused() {
    return state == RaftStatus.State.SNAPSHOT || paused;
  }

  /** Demands a message even if it is empty: the answer tells where the follower is. */
  void poke() {
    poked = true;
  }

  /** Whether a message is due though there is no entry to send. */
  boolean emptyAppendDue(long commit) {
    return poked
        || (state == RaftStatus.State.REPLICATE && commit > sentCommit && sentCommit < next - 1);
  }

  /** An AppendRequest with that many entries was sent. */
  void sent(int entries, long bytes, long commit) {
    poked = false;
    sentCommit = commit;
    if (state == RaftStatus.State.REPLICATE) {
      if (entries > 0) {
        next += entries;
        inflights.add(next - 1, bytes);
      }
      paused = inflights.full();
    } else {
      paused = true;
    }
  }

  /**
   * The member has everything up to {@code index}.
   *
   * @return whether that is news
   */
  boolean accepted(long index, long firstIndex) {
    boolean news = index > match;
    if (news) {
      match = index;
    }
    next = Math.max(next, index + 1);
    switch (state) {
      case PROBE -> {
        // An answer from before a snapshot that was just sent must not ask for another one.
        if (index >= match && index + 1 >= firstIndex) {
          becomeReplicate();
        }
      }
      case SNAPSHOT -> {
        if (match + 1 >= firstIndex) {
          becomeReplicate();
        }
      }
      case REPLICATE -> {
        inflights.freeUpTo(index);
        paused = inflights.full();
      }
    }
    return news;
  }

  /**
   * The member refused the entry before {@code next}, or an older message.
   *
   * @param refused prevIndex of the message it refused
   * @param hint highest index at which the logs may agree
   * @return whether that is news, not an answer to something long superseded
   */
  boolean rejected(long refused, long hint) {
    if (state == RaftStatus.State.REPLICATE) {
      if (refused <= match) {
        return false;
      }
      becomeProbe();
      next = match + 1;
      return true;
    }
    if (state == RaftStatus.State.SNAPSHOT || next - 1 != refused) {
      return false;
    }
    next = Math.max(Math.min(refused, hint + 1), match + 1);
    sentCommit = Math.min(sentCommit, next - 1);
    paused = false;
    poked = true;
    return true;
  }

  /** A heartbeat was answered: the member lives, so one more message may be tried. */
  void heartbeatAnswered(long lastIndex) {
    active = true;
    paused = false;
    if (state == RaftStatus.State.PROBE || match < lastIndex) {
      poked = true;
    }
  }

  void becomeProbe() {
    reset(RaftStatus.State.PROBE);
    next = match + 1;
    sentCommit = Math.min(sentCommit, match);
    poked = true;
  }

  void becomeSnapshot() {
    reset(RaftStatus.State.SNAPSHOT);
    poked = false;
  }

  /** What became of the snapshot; the next message waits for an answer or a heartbeat's answer. */
  void snapshotSent(long index, boolean success) {
    if (state != RaftStatus.State.SNAPSHOT) {
      return;
    }
    becomeProbe();
    if (success) {
      next = Math.max(match, index) + 1;
    }
    paused = true;
  }

  private void becomeReplicate() {
    reset(RaftStatus.State.REPLICATE);
    next = match + 1;
  }

  private void reset(RaftStatus.State newState) {
    state = newState;
    paused = false;
    inflights.clear();
  }
}
