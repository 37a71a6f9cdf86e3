package dev.kelvin.store;

import dev.kelvin.raft.Membership;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The replicated facts about the cluster as of the applied index. Immutable.
 *
 * @param id the cluster's; 0 before the founding entry is applied
 * @param members by rising ID, unsigned
 * @param removed IDs that were members once and never can be again
 * @param ancestors clusters that this one was recovered from, the latest first
 */
public record ClusterState(long id, List<Member> members, Set<Long> removed, List<Long> ancestors) {
  public static final ClusterState EMPTY = new ClusterState(0, List.of(), Set.of(), List.of());

  public ClusterState {
    members = List.copyOf(members);
    removed = Set.copyOf(removed);
    ancestors = List.copyOf(ancestors);
  }

  public Optional<Member> member(long memberId) {
    return members.stream().filter(m -> m.id() == memberId).findFirst();
  }

  public Membership membership() {
    var voters = new ArrayList<Long>();
    var learners = new ArrayList<Long>();
    for (var member : members) {
      (member.learner() ? learners : voters).add(member.id());
    }
    return Membership.of(voters, learners);
  }
}
