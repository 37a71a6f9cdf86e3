package dev.kelvin.operator.observe;

import dev.kelvin.proto.care.State;
import dev.kelvin.proto.care.StatusResponse;

/**
 * Finds out whether a leader's list of members can be acted on. The care service does not say
 * whether a change is under way in a leader's log; but a leader that has applied all that an
 * earlier look found in its log, or all there is, has none that is older than that look. One for
 * each cluster, used by one thread at a time.
 */
public final class Settled {
  private long incarnation;
  private long term;

  /** End of the log when this leader was first looked at in this term, or since the last change. */
  private long mark;

  /** The operator asked for a change of members: what follows counts only from now on. */
  public void changed() {
    term = 0;
  }

  /** Looks at an answer, any node's; tells whether it is a leader's that has settled. */
  public boolean look(StatusResponse status) {
    boolean leads =
        status.getState() == State.VOTER
            && status.getLeader() == status.getMemberId()
            && status.getMemberId() != 0;
    if (!leads) {
      return false;
    }
    boolean first = status.getIncarnation() != incarnation || status.getTerm() != term;
    if (first) {
      // Entries of its own term are there only once the last one is.
      if (status.getLastTerm() != status.getTerm()) {
        return false;
      }
      incarnation = status.getIncarnation();
      term = status.getTerm();
      mark = status.getLastIndex();
    }
    return status.getAppliedIndex() >= mark;
  }
}
