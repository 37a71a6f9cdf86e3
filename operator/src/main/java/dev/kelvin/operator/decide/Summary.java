package dev.kelvin.operator.decide;

import dev.kelvin.operator.facts.Founding;
import dev.kelvin.operator.facts.Member;
import dev.kelvin.operator.facts.NodeStatus;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What there is to say of a cluster besides its conditions.
 *
 * @param leader ordinal of the pod that leads; empty while none is known, or it is none of ours
 * @param ready members that are healthy voters
 * @param version the lowest that a member runs; empty while none answers
 */
public record Summary(
    Optional<Founding> founding,
    Optional<Integer> leader,
    List<OneMember> members,
    int ready,
    Optional<String> version) {

  /** What a member is. */
  public enum Role {
    LEADER,
    FOLLOWER,
    LEARNER
  }

  /**
   * A member.
   *
   * @param ordinal of its pod; -1 if it is none of ours
   * @param lag entries behind the leader; empty while nobody leads
   * @param version empty while it does not answer
   */
  public record OneMember(
      long id,
      int ordinal,
      Role role,
      boolean healthy,
      Optional<Long> lag,
      Optional<String> version) {}

  static Summary of(View view) {
    var members =
        view.members().stream()
            .sorted(Comparator.comparingInt(Member::ordinal).thenComparingLong(Member::id))
            .map(m -> one(view, m))
            .toList();
    return new Summary(
        view.founding(),
        view.members().stream()
            .filter(m -> view.leads(m) && m.ordinal() >= 0)
            .map(Member::ordinal)
            .findFirst(),
        members,
        (int) members.stream().filter(OneMember::healthy).count(),
        members.stream()
            .flatMap(m -> m.version().stream())
            .min(Comparator.comparing(Summary::sortable)));
  }

  private static OneMember one(View view, Member member) {
    var role = member.learner() ? Role.LEARNER : view.leads(member) ? Role.LEADER : Role.FOLLOWER;
    var lag =
        view.serving().map(l -> view.leads(member) ? 0L : Math.max(0, l.commit() - member.match()));
    return new OneMember(
        member.id(),
        member.ordinal(),
        role,
        view.healthy(member),
        lag,
        view.nodeOf(member).map(NodeStatus::version));
  }

  /** So that 0.10 comes after 0.9. */
  private static String sortable(String version) {
    var sortable = new StringBuilder();
    for (var part : version.split("[.-]")) {
      sortable.append(part.matches("[0-9]{1,9}") ? "%09d".formatted(Integer.parseInt(part)) : part);
      sortable.append('.');
    }
    return sortable.toString();
  }
}
