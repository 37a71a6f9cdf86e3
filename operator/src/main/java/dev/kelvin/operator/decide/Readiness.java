package dev.kelvin.operator.decide;

import java.util.Optional;

/**
 * Whether all is done: every pod is ready, and the StatefulSet's controller has seen its template.
 */
final class Readiness implements Concern {
  @Override
  public Optional<Step> next(View view) {
    if (view.facts().statefulSet().filter(s -> s.settled()).isEmpty()) {
      return View.wait("TemplateUnseen", "the StatefulSet's controller has not seen the template");
    }
    for (int ordinal = 0; ordinal < view.goal(); ordinal++) {
      var pod = view.facts().pod(ordinal).filter(p -> p.ready() && !p.deleting());
      if (pod.isEmpty() || view.memberAt(ordinal).filter(view::healthy).isEmpty()) {
        return View.wait("PodNotReady", "waiting for %s to be ready again", view.pod(ordinal));
      }
    }
    return view.facts().pods().stream()
        .filter(p -> p.ordinal() >= view.goal())
        .findFirst()
        .flatMap(p -> View.wait("PodLeaves", "waiting for %s to end", view.pod(p.ordinal())));
  }
}
