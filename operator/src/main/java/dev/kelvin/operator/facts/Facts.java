package dev.kelvin.operator.facts;

import java.util.List;
import java.util.Optional;

/**
 * Everything observed of one cluster at one moment; what {@code decide} knows.
 *
 * @param wanted the spec, as far as decisions depend on it
 * @param recorded what earlier reconciliations wrote into the status
 * @param statefulSet empty if there is none
 * @param pods those of the StatefulSet's selector, by ordinal
 * @param claims volume claims by the StatefulSet's naming, by ordinal, with or without a pod
 * @param budget {@code minAvailable} of the PodDisruptionBudget; 0 if there is none
 * @param freshId a random number, not 0 and never used before: an ID, should one be needed
 */
public record Facts(
    Wanted wanted,
    Recorded recorded,
    Optional<StatefulSet> statefulSet,
    List<Pod> pods,
    List<Claim> claims,
    int budget,
    long freshId) {
  public Facts {
    pods = List.copyOf(pods);
    claims = List.copyOf(claims);
    if (freshId == 0) {
      throw new IllegalArgumentException("a fresh ID is not 0");
    }
  }

  public Optional<Pod> pod(int ordinal) {
    return pods.stream().filter(p -> p.ordinal() == ordinal).findFirst();
  }

  public Optional<Claim> claim(int ordinal) {
    return claims.stream().filter(c -> c.ordinal() == ordinal).findFirst();
  }
}
