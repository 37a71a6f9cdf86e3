package dev.kelvin.operator.facts;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A node's own word, by the care service; IDs are 0 where there is none.
 *
 * @param ancestors clusters this one was recovered from
 * @param leader member that leads, as far as known here
 * @param settled whether, of a leader, it has applied all that it found in its log, an entry of its
 *     own term, and every change of members since: only then does it know of every change that an
 *     earlier leader had committed, and is none under way whose asker gave up
 * @param commit entries committed, as far as known here
 * @param lag entries committed and not applied here
 * @param refusal of a node that joins: what the member it asked last answered; of one that waits:
 *     why it could not found a cluster from a snapshot; else empty
 * @param shortOfSpace whether its disk has less room than the reserve
 * @param alarms that stand in the cluster, as of the last entry applied here
 * @param silence since a leader was heard of; empty if never
 * @param members as of the last entry applied here
 */
public record NodeStatus(
    State state,
    long incarnation,
    long member,
    long cluster,
    List<Long> ancestors,
    long term,
    long leader,
    boolean settled,
    long commit,
    long lag,
    long lastTerm,
    long lastIndex,
    String refusal,
    boolean shortOfSpace,
    List<Alarm> alarms,
    Optional<Duration> silence,
    String version,
    List<Member> members)
    implements Answer {
  /**
   * A trouble that stands until somebody disarms it.
   *
   * @param member that has it, as whoever raised it said
   * @param type as etcd calls it
   */
  public record Alarm(long member, String type) {}

  /** As in care.proto. */
  public enum State {
    WAITING,
    /** Waits, and takes a snapshot over to found a cluster. */
    RESTORING,
    JOINING,
    STARTING,
    LEARNER,
    VOTER,
    REMOVED,
    STOPPING
  }

  public NodeStatus {
    ancestors = List.copyOf(ancestors);
    alarms = List.copyOf(alarms);
    members = List.copyOf(members);
  }

  /** An empty disk: no data of any cluster. */
  public boolean blank() {
    return state == State.WAITING || state == State.RESTORING || state == State.JOINING;
  }

  /** Whether this node says that it leads. */
  public boolean leads() {
    return state == State.VOTER && member != 0 && leader == member;
  }
}
