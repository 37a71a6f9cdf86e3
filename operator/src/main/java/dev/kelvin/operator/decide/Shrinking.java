package dev.kelvin.operator.decide;

import dev.kelvin.operator.facts.Member;
import java.util.Comparator;
import java.util.Optional;

/**
 * Members above the goal leave, the highest ordinal first: leadership is moved away, the member is
 * removed, and {@link Children} then makes the StatefulSet smaller. Where the highest cannot be
 * spared, because another that is to leave is down, that one goes before it.
 */
final class Shrinking implements Concern {
  @Override
  public Optional<Step> next(View view) {
    if (view.sizeIsLatched()) {
      return Optional.empty();
    }
    var leaving =
        view.members().stream()
            .filter(m -> m.ordinal() >= view.goal())
            .sorted(Comparator.comparingInt(Member::ordinal).reversed())
            .toList();
    if (leaving.isEmpty()) {
      return Optional.empty();
    }
    return leaving.stream()
        .filter(view::mayRemove)
        .findFirst()
        .map(m -> remove(view, m))
        .orElseGet(
            () ->
                View.wait(
                    "QuorumAtRisk",
                    "%s leaves once the other voters are a healthy quorum",
                    view.pod(leaving.getFirst().ordinal())));
  }

  private static Optional<Step> remove(View view, Member member) {
    if (!view.leads(member)) {
      return Optional.of(
          new Step.Remove(
              view.cluster(), member.id(), member.ordinal(), "the cluster is scaled down"));
    }
    var name = view.pod(member.ordinal());
    return successor(view)
        .<Optional<Step>>map(
            to ->
                Optional.of(
                    new Step.Transfer(
                        view.cluster(), to.id(), to.ordinal(), name + " is to leave")))
        .orElseGet(() -> View.wait("QuorumAtRisk", "%s leads, and nobody can take over yet", name));
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
