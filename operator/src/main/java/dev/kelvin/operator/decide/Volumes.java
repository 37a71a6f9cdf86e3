package dev.kelvin.operator.decide;

import dev.kelvin.operator.decide.Step.ClaimId;
import dev.kelvin.operator.facts.Claim;
import dev.kelvin.operator.facts.StatefulSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Volumes grow with the spec, where their class allows; then the StatefulSet's template follows.
 * One that cannot grow is no operation under way: it would never end, and the spec cannot go back.
 * It is said as long as it is there ({@link #SMALL}), and everything else goes on.
 */
final class Volumes implements Concern {
  static final String CANNOT_GROW = "VolumeCannotGrow";

  /** Heard when there is nothing else to be done. */
  static final Concern SMALL = Volumes::tooSmall;

  @Override
  public Optional<Step> next(View view) {
    long wanted = view.wanted().volumeBytes();
    if (view.wanted().ephemeral()) {
      return Optional.empty();
    }
    var grow = small(view).stream().filter(Claim::expandable).findFirst();
    if (grow.isPresent()) {
      var claim = new ClaimId(grow.get().ordinal(), grow.get().uid());
      return Optional.of(new Step.GrowVolume(claim, wanted));
    }
    return templateDiffers(view) ? Optional.of(new Step.RenewStatefulSet()) : Optional.empty();
  }

  static boolean needed(View view) {
    return !view.wanted().ephemeral()
        && (templateDiffers(view) || small(view).stream().anyMatch(Claim::expandable));
  }

  private static Optional<Step> tooSmall(View view) {
    if (view.wanted().ephemeral() || small(view).isEmpty()) {
      return Optional.empty();
    }
    return View.wait(
        CANNOT_GROW,
        "smaller than storage.size, and the storage class does not allow growth (allowVolumeExpansion): the volumes of %s; new volumes have the new size, so members can be replaced one at a time by deleting claim and pod",
        small(view).stream().map(c -> view.pod(c.ordinal())).collect(Collectors.joining(", ")));
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
