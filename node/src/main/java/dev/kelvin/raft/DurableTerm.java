package dev.kelvin.raft;

/**
 * Term and vote, and whether they are durable yet. Each change handed out gets a mark; a write that
 * is done tells up to which mark all is durable.
 */
final class DurableTerm {
  private long term;
  private long vote;
  private HardState handedOut;
  private boolean changed;
  private long mark;
  private long durableMark;

  DurableTerm(HardState stored) {
    term = stored.term();
    vote = stored.vote();
    handedOut = stored;
  }

  long term() {
    return term;
  }

  long vote() {
    return vote;
  }

  /** Enters a term or votes in it; neither goes back. */
  void set(long newTerm, long newVote) {
    if (newTerm < term || (newTerm == term && vote != 0 && vote != newVote)) {
      throw new IllegalStateException(
          "term " + term + ", vote " + vote + " cannot become " + newTerm + ", " + newVote);
    }
    if (newTerm != term || newVote != vote) {
      term = newTerm;
      vote = newVote;
      changed = true;
    }
  }

  /** Whether term or vote were not handed out yet. */
  boolean changed() {
    return changed;
  }

  boolean durable() {
    return !changed && durableMark == mark;
  }

  /** Marks what {@link #take} handed out last. */
  long mark() {
    return mark;
  }

  /**
   * Hands out what is to be written.
   *
   * @param commit index known committed; alone not worth a write, but goes along with one
   * @return null when all that was handed out before
   */
  HardState take(long commit) {
    if (changed) {
      changed = false;
      mark++;
    }
    var latest = new HardState(term, vote, commit);
    if (latest.equals(handedOut)) {
      return null;
    }
    handedOut = latest;
    return latest;
  }

  /** What was handed out up to that mark is durable. */
  void durableUpTo(long done) {
    durableMark = Math.max(durableMark, done);
  }

  /** All that was handed out is durable. */
  void allDurable() {
    durableMark = mark;
  }
}
