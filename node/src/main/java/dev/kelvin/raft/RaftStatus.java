package dev.kelvin.raft;

import java.util.List;

/**
 * A replica's view of its group at one moment.
 *
 * @param settled whether it has led for an election timeout: before, a peer that is not active may
 *     only not have had the time to answer
 * @param membersSettled of a leader: whether it has applied all that it found in its log, an entry
 *     of its own term, and every change of members since: only then it knows all that earlier
 *     leaders had committed, and no change is under way
 */
public record RaftStatus(
    long member,
    Role role,
    long term,
    long leader,
    long commit,
    long applied,
    long firstIndex,
    long lastIndex,
    Membership membership,
    long transferTarget,
    List<Peer> peers,
    boolean settled,
    boolean membersSettled) {

  /** Part a replica plays. A learner is a follower that does not vote. */
  public enum Role {
    FOLLOWER,
    PRE_CANDIDATE,
    CANDIDATE,
    LEADER
  }

  /**
   * What a leader knows of another member; on others the list is empty.
   *
   * @param match highest index known durable there
   * @param active answered within the last election timeout or the one before
   */
  public record Peer(
      long member, boolean learner, long match, long next, State state, boolean active) {}

  /** How a leader feeds a follower. */
  public enum State {
    PROBE,
    REPLICATE,
    SNAPSHOT
  }
}
