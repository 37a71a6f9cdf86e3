package dev.kelvin.store;

import java.util.List;

/** A change of the replicated list of members. */
public sealed interface MemberChange {
  /** The first entry of a cluster's log: the cluster and its first voter. */
  record Found(long clusterId, Member first) implements MemberChange {}

  /**
   * Adds a member as learner (or voter, where the caller insists). A repeat with the same
   * incarnation (not 0) answers with the member that is already there; one that was added for this
   * address and not claimed yet is claimed.
   */
  record Add(Member member) implements MemberChange {}

  /** Makes a learner a voter. */
  record Promote(long id) implements MemberChange {}

  record Remove(long id) implements MemberChange {}

  /** Changes where a member is reached. */
  record Update(long id, List<String> peerUrls) implements MemberChange {}

  /**
   * The survivor of a lost quorum goes on alone, as another cluster: the others are removed.
   *
   * @param clusterId the new one's
   */
  record Recover(long clusterId, long survivor) implements MemberChange {}

  /** A member says who it is: claims its identity for one incarnation, or announces new facts. */
  record Claim(
      long id,
      long incarnation,
      String name,
      List<String> peerUrls,
      List<String> clientUrls,
      int format)
      implements MemberChange {}

  /** Whether it must travel in an entry of kind MEMBERSHIP. */
  default boolean changesMembership() {
    return !(this instanceof Claim || this instanceof Update);
  }
}
