package dev.kelvin.replica;

import dev.kelvin.raft.RaftStatus;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Outcome;
import java.util.concurrent.Executor;

/**
 * One replica of the group, as the front doors and the member service use it. Every call returns at
 * once; every callback runs exactly once, on the lane that the caller named. Callbacks of one lane
 * that become due together are handed to it as one task.
 */
public interface Replica {
  /** Receives what became of a request. */
  interface Completion {
    void done(Outcome outcome);

    void failed(Failure failure);
  }

  /** Receives a linearizable point in time. */
  interface Barrier {
    /** Everything acknowledged anywhere before the request is applied here now. */
    void reached();

    void failed(Failure failure);
  }

  /** Why a request has no outcome. */
  enum Failure {
    /** Certainly not carried out: the node is full of requests. */
    TOO_MANY_REQUESTS,
    /** Certainly not carried out: it would add data, and the leader's disk is short of space. */
    NO_SPACE,
    /** Perhaps carried out, perhaps not. */
    TIMEOUT,
    /** Certainly not carried out: nobody leads. */
    NO_LEADER,
    /** Certainly not carried out: the node is shutting down. */
    STOPPING
  }

  /**
   * Puts a command into the replicated log, through the leader, whoever that is.
   *
   * @param payload the request's bytes; kept, not copied
   */
  void propose(CommandKind kind, byte[] payload, Executor lane, Completion completion);

  /** Waits for a point at which a local read is linearizable. */
  void barrier(Executor lane, Barrier barrier);

  /**
   * Begins to hand leadership to a voter, if this replica leads; the outcome shows in {@link
   * #status}.
   */
  void transferLeadership(long to);

  /** View of the group, at most a tick old. */
  RaftStatus status();

  /** Ticks of 10 ms since a leader was last known here; -1 if none ever was. */
  long leaderSilenceTicks();
}
