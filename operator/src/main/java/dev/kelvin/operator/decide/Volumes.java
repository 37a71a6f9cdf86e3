package dev.kelvin.operator.decide;

import dev.kelvin.operator.decide.Step.ClaimId;
import dev.kelvin.operator.facts.Claim;
import dev.kelvin.operator.facts.StatefulSet;
import java.util.List;
import java.util.Optional;

/**
 * Volumes grow with the spec, where their class allows; then the StatefulSet's template follows.
 */
final class Volumes implements Concern {
  @Override
  public Optional<Step> next(View view) {
    long wanted = view.wanted().volumeBytes();
    if (view.wanted().ephemeral()) {
      return Optional.empty();
    }
    var small = small(view);
    var stuck = small.stream().filter(c -> !c.expandable()).findFirst();
    var grow = small.stream().filter(Claim::expandable).findFirst();
    if (grow.isPresent()) {
      var claim = new ClaimId(grow.get().ordinal(), grow.get().uid());
      return Optional.of(new Step.GrowVolume(claim, wanted));
    }
    if (stuck.isPresent()) {
      return View.wait(
          "VolumeCannotGrow",
          "the storage class of the volume of %s does not allow it to grow (allowVolumeExpansion)",
          view.pod(stuck.get().ordinal()));
    }
    return templateDiffers(view) ? Optional.of(new Step.RenewStatefulSet()) : Optional.empty();
  }

  static boolean needed(View view) {
    return !view.wanted().ephemeral() && (templateDiffers(view) || !small(view).isEmpty());
  }

  private static boolean templateDiffers(View view) {
    return view.facts()
        .statefulSet()
        .map(StatefulSet::volumeBytes)
        .filter(b -> b != view.wanted().volumeBytes())
        .isPresent();
  }

  private static List<Claim> small(View view) {
    return view.facts().claims().stream()
        .filter(c -> !c.deleting() && view.facts().pod(c.ordinal()).isPresent())
        .filter(c -> c.bytes() < view.wanted().volumeBytes())
        .toList();
  }
}
