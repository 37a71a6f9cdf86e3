package dev.kelvin.peer;

import java.util.List;

/** What nodes of one cluster send each other over their message streams. */
public sealed interface PeerMessage {
  long from();

  long to();

  /** A message of the consensus core. */
  record Consensus(dev.kelvin.raft.Message message) implements PeerMessage {
    @Override
    public long from() {
      return message.from();
    }

    @Override
    public long to() {
      return message.to();
    }
  }

  /**
   * Commands that the sender took and the receiver, as leader, is to propose.
   *
   * @param term in which the receiver is believed to lead; in any other it refuses. So what was
   *     forwarded in a term is in no log once an entry of a later term is applied without it
   * @param membership the one command changes membership
   * @param requests numbers of the requests, in the order of {@code commands}
   */
  record Forward(
      long from, long to, long term, boolean membership, long[] requests, List<byte[]> commands)
      implements PeerMessage {}

  /**
   * None of these forwarded commands was proposed, nor ever will be by that message.
   *
   * @param term of the {@link Forward}: a refusal that comes late must not be taken for one of a
   *     later hand-over of the same request
   */
  record ForwardRefused(long from, long to, long term, Reason reason, long[] requests)
      implements PeerMessage {}

  /** Why a leader does not propose what was forwarded; the code is what the wire carries. */
  enum Reason {
    /** The receiver does not lead, or not in that term, or is handing over: try the next leader. */
    NOT_LEADER(0),
    OVERLOADED(1),
    /** Another membership change is under way: try again. */
    CHANGE_PENDING(2),
    /** They would add data, and the leader's disk is short of space. */
    NO_SPACE(3);

    private final int code;

    Reason(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }

    static Reason of(int code) {
      for (var reason : values()) {
        if (reason.code == code) {
          return reason;
        }
      }
      throw new MalformedMessageException("unknown refusal " + code);
    }
  }
}
