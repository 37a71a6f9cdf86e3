package dev.kelvin.operator.decide;

import dev.kelvin.operator.facts.Member;
import java.util.Comparator;
import java.util.Optional;

/**
 * Members above the goal leave, the highest ordinal first: leadership is moved away, the member is
 * removed, and {@link Children} then makes the StatefulSet smaller.
 */
final class Shrinking implements Concern {
  @Override
  public Optional<Step> next(View view) {
    return view.members().stream()
        .filter(m -> m.ordinal() >= view.goal())
        .max(Comparator.comparing((Member m) -> m.learner()).thenComparingInt(Member::ordinal))
        .flatMap(m -> remove(view, m));
  }

  private static Optional<Step> remove(View view, Member member) {
    var name = view.pod(member.ordinal());
    if (!view.mayRemove(member)) {
      return View.wait(
          "QuorumAtRisk", "%s leaves once the other voters are a healthy quorum", name);
    }
    if (view.leads(member)) {
      return successor(view)
          .<Optional<Step>>map(
              to ->
                  Optional.of(
                      new Step.Transfer(
                          view.cluster(), to.id(), to.ordinal(), name + " is to leave")))
          .orElseGet(
              () -> View.wait("QuorumAtRisk", "%s leads, and nobody can take over yet", name));
    }
    return Optional.of(
        new Step.Remove(
            view.cluster(), member.id(), member.ordinal(), "the cluster is scaled down"));
  }

  /** Of those that stay, the furthest. */
  private static Optional<Member> successor(View view) {
    return view.voters().stream()
        .filter(v -> v.ordinal() < view.goal() && view.healthy(v) && !view.leads(v))
        .max(
            Comparator.comparingLong(Member::match)
                .thenComparing(Comparator.comparingInt(Member::ordinal).reversed()));
  }
}
