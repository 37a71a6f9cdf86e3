package dev.kelvin.operator.decide;

import dev.kelvin.operator.decide.Step.ClaimId;
import dev.kelvin.operator.facts.Claim;
import dev.kelvin.operator.facts.StatefulSet;
import java.util.Comparator;
import java.util.Optional;

/**
 * Where the spec says so, the claim of a pod that was scaled away is deleted: only one that carries
 * this cluster's mark, above the StatefulSet's size, with no pod and no member left.
 */
final class LeftClaims implements Concern {
  @Override
  public Optional<Step> next(View view) {
    int size = view.facts().statefulSet().map(StatefulSet::replicas).orElse(Integer.MAX_VALUE);
    if (!view.wanted().deleteClaims() || view.leader().isEmpty()) {
      return Optional.empty();
    }
    return view.facts().claims().stream()
        .filter(c -> !c.deleting())
        .filter(c -> c.ordinal() >= size && c.ordinal() >= view.wanted().replicas())
        .filter(c -> view.facts().pod(c.ordinal()).isEmpty())
        .filter(c -> view.memberAt(c.ordinal()).isEmpty())
        .filter(c -> c.founding().filter(f -> f.clusterId() == view.cluster()).isPresent())
        .max(Comparator.comparingInt(Claim::ordinal))
        .map(c -> new Step.DeleteClaim(new ClaimId(c.ordinal(), c.uid())));
  }
}
