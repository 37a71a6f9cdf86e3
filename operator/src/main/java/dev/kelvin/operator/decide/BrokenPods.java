package dev.kelvin.operator.decide;

import dev.kelvin.operator.facts.Answer;
import dev.kelvin.operator.facts.Pod;
import java.util.Comparator;
import java.util.Optional;

/**
 * A pod that neither answers nor is ready, and was made from a template that is not the present
 * one, is made anew at once: that is how a bad image is put right, in whatever was going on. It
 * costs nobody a voter, for it is none while it does not answer; where its data would go with it,
 * the others must be a quorum.
 */
final class BrokenPods implements Concern {
  @Override
  public Optional<Step> next(View view) {
    return view.facts().pods().stream()
        .filter(p -> !p.deleting() && !p.ready() && p.answer() instanceof Answer.Unreachable)
        .filter(view::outdated)
        .filter(p -> mayGo(view, p))
        .max(Comparator.comparingInt(Pod::ordinal))
        .map(
            p ->
                new Step.DeletePod(
                    p.ordinal(), p.uid(), "it does not run, and its template has changed"));
  }

  private static boolean mayGo(View view, Pod pod) {
    var member = view.memberAt(pod.ordinal());
    boolean heard = view.leader().isPresent() && member.filter(m -> m.active()).isPresent();
    if (heard) {
      return false;
    }
    if (!view.wanted().ephemeral()) {
      return true;
    }
    if (view.leader().isEmpty()) {
      // Whose data it holds is not known, unless there are none at all.
      return view.founding().isEmpty();
    }
    return member.isEmpty() || view.mayMiss(member.get());
  }
}
