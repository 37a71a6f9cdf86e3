package dev.kelvin.operator.decide;

import dev.kelvin.operator.facts.Answer;
import dev.kelvin.operator.facts.Pod;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;

/**
 * A pod that neither answers nor is ready, and was made from a template that is not the present
 * one, is made anew at once: that is how a bad image is put right, in whatever was going on. It
 * costs nobody a voter, for it is none while it does not answer; where its data would go with it,
 * the others must be a quorum.
 */
final class BrokenPods implements Concern {
  /** How long a pod that runs may be without an answer. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Override
  public Optional<Step> next(View view) {
    return view.facts().pods().stream()
        .filter(p -> !p.deleting() && !p.ready() && view.outdated(p))
        .filter(p -> broken(view, p))
        .filter(p -> mayGo(view, p))
        .max(Comparator.comparingInt(Pod::ordinal))
        .map(
            p ->
                new Step.DeletePod(
                    p.ordinal(),
                    p.uid(),
                    p.version(),
                    "it does not run, and its template has changed"));
  }

  /** That it does not answer the operator may be the operator's own trouble, if it runs. */
  private static boolean broken(View view, Pod pod) {
    return pod.answer() instanceof Answer.Unreachable(var since)
        && (!pod.running() || Duration.between(since, view.now()).compareTo(PATIENCE) > 0);
  }

  private static boolean mayGo(View view, Pod pod) {
    var member = view.memberAt(pod.ordinal());
    boolean heard = view.serving().isPresent() && member.filter(m -> m.active()).isPresent();
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
