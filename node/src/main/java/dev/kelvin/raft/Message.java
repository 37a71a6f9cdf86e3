package dev.kelvin.raft;

import java.util.List;

/** What replicas say to each other. {@code term} is the sender's, except as noted. */
public sealed interface Message {
  long from();

  long to();

  long term();

  /**
   * Asks for a vote.
   *
   * @param term for a pre-vote the term the sender would campaign in, which it is not yet in
   * @param preVote only asks whether a vote would be granted (dissertation, 9.6)
   * @param transfer the leader asked for this election, so its lease does not stand against it
   * @param commit index the sender knows to be committed, so that a receiver with that entry knows
   *     it too: one that was made a voter, and has not heard of it, must learn that it may campaign
   * @param commitTerm term of the entry at {@code commit}
   */
  record VoteRequest(
      long from,
      long to,
      long term,
      long lastIndex,
      long lastTerm,
      boolean preVote,
      boolean transfer,
      long commit,
      long commitTerm)
      implements Message {}

  /**
   * Answers a {@link VoteRequest}.
   *
   * @param term for a granted pre-vote the term that was asked about
   */
  record VoteResponse(long from, long to, long term, boolean preVote, boolean granted)
      implements Message {}

  /** Replicates entries that follow the entry (prevIndex, prevTerm). */
  record AppendRequest(
      long from,
      long to,
      long term,
      long prevIndex,
      long prevTerm,
      long commit,
      List<Entry> entries)
      implements Message {}

  /**
   * Answers an {@link AppendRequest} or {@link InstallSnapshot}.
   *
   * @param index accepted: highest index now durable and matching; rejected: the prevIndex refused
   * @param hintIndex rejected: highest index that may match; otherwise 0
   * @param hintTerm rejected: term of the receiver's entry at hintIndex; otherwise 0
   */
  record AppendResponse(
      long from, long to, long term, boolean accepted, long index, long hintIndex, long hintTerm)
      implements Message {}

  /**
   * Keeps followers from campaigning and confirms leadership for reads.
   *
   * @param commit never above what the receiver is known to have
   * @param round read-confirmation round this belongs to; 0 for none
   */
  record Heartbeat(long from, long to, long term, long commit, long round) implements Message {}

  record HeartbeatResponse(long from, long to, long term, long round) implements Message {}

  /** Sent by the transport with the snapshot's files, once they are complete and verified. */
  record InstallSnapshot(long from, long to, long term, SnapshotMeta snapshot) implements Message {}

  /** Asks the leader for an index at which reads are linearizable. */
  record ReadIndexRequest(long from, long to, long term, long context) implements Message {}

  /**
   * Answers a {@link ReadIndexRequest}.
   *
   * @param index apply up to here, then read; -1: refused, ask again with a new context
   */
  record ReadIndexResponse(long from, long to, long term, long context, long index)
      implements Message {}

  /** Tells a caught-up follower to campaign at once (dissertation, 3.10). */
  record TimeoutNow(long from, long to, long term) implements Message {}
}
