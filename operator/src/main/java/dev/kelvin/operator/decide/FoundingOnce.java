package dev.kelvin.operator.decide;

import dev.kelvin.operator.decide.Step.ClaimId;
import dev.kelvin.operator.facts.Answer;
import dev.kelvin.operator.facts.Claim;
import dev.kelvin.operator.facts.Founding;
import dev.kelvin.operator.facts.NodeStatus;
import dev.kelvin.operator.facts.Pod;
import dev.kelvin.operator.facts.StatefulSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The first pod founds the cluster, once. The founding is recorded before it is carried out: first
 * in the status, under optimistic locking, then on the StatefulSet and on every claim. What is
 * recorded is carried out on the very data directory it was recorded for, or never: an empty disk
 * in its place may be a volume that was lost.
 */
final class FoundingOnce implements Concern {
  @Override
  public Optional<Step> next(View view) {
    if (view.founding().isEmpty()) {
      return record(view);
    }
    var marking = mark(view, view.founding().get());
    if (marking.isPresent()) {
      return marking;
    }
    boolean carriedOut = view.ours().findAny().isPresent();
    return carriedOut ? Optional.empty() : carryOut(view, view.founding().get());
  }

  /** {@link Adoption} came first: there is no trace. A pod that never ran can hold none. */
  private static Optional<Step> record(View view) {
    var first = view.facts().pod(0);
    for (var pod : view.facts().pods()) {
      if (pod.started() && pod.answer() instanceof Answer.Unreachable) {
        return View.wait(
            "PodsStarting",
            "waiting for %s to answer: nothing is founded while a node may hold data",
            view.pod(pod.ordinal()));
      }
    }
    var node = first.filter(p -> !p.deleting()).flatMap(p -> p.node());
    if (node.isEmpty()) {
      return View.wait("PodsStarting", "waiting for %s to start", view.pod(0));
    }
    if (node.get().state() != NodeStatus.State.WAITING) {
      return View.wait(
          "PodsStarting", "%s does not wait but is %s", view.pod(0), node.get().state());
    }
    if (lacksSnapshot(view, first.get())) {
      return renew(first.get());
    }
    return Optional.of(
        new Step.RecordFounding(new Founding(view.facts().freshId(), node.get().incarnation())));
  }

  private static Optional<Step> mark(View view, Founding founding) {
    boolean set =
        view.facts().statefulSet().filter(s -> stale(view, s.founding(), founding)).isPresent();
    List<ClaimId> claims = new ArrayList<>();
    for (var claim : view.facts().claims()) {
      if (!claim.deleting() && stale(view, claim.founding(), founding)) {
        claims.add(new ClaimId(claim.ordinal(), claim.uid()));
      }
    }
    return set || !claims.isEmpty()
        ? Optional.of(new Step.MarkFounding(founding, set, claims))
        : Optional.empty();
  }

  /** Not there, or of a cluster that this one was recovered from; others' marks are left alone. */
  private static boolean stale(View view, Optional<Founding> mark, Founding founding) {
    return mark.isEmpty()
        || (mark.get().clusterId() != founding.clusterId()
            && view.ours().anyMatch(n -> n.ancestors().contains(mark.get().clusterId())));
  }

  private static Optional<Step> carryOut(View view, Founding founding) {
    String unsaid = unmarked(view, founding);
    var founder = founder(view);
    if (founder.isPresent()) {
      return unsaid != null
          ? View.wait("MarksMissing", "%s", unsaid)
          : bootstrap(view, founder.get(), founding);
    }
    for (var pod : view.facts().pods()) {
      // One that stops, or does not know that it was removed, holds data too.
      if (pod.node().filter(n -> n.cluster() != founding.clusterId()).isEmpty()) {
        return View.wait(
            "PodsStarting",
            "waiting for %s to answer: data of cluster %s may be there",
            view.pod(pod.ordinal()),
            View.hex(founding.clusterId()));
      }
    }
    return view.facts().pods().size()
            < view.facts().statefulSet().map(StatefulSet::replicas).orElse(0)
        ? View.wait("PodsStarting", "waiting for the pods to be created")
        : View.wait(
            "DataGone",
            "cluster %s was founded, and no pod holds its data: bring the volumes back; or, to begin anew without them, delete the KvCluster and its volume claims and create it again",
            View.hex(founding.clusterId()));
  }

  private static Optional<Step> bootstrap(View view, Pod founder, Founding founding) {
    if (founder.node().filter(n -> n.state() == NodeStatus.State.RESTORING).isPresent()) {
      return View.wait("Restoring", "%s takes the snapshot over", view.pod(founder.ordinal()));
    }
    if (lacksSnapshot(view, founder)) {
      return renew(founder);
    }
    return Optional.of(
        new Step.Bootstrap(founder.ordinal(), founding, view.wanted().founding().isPresent()));
  }

  /** It was made from a template of before: its node could not see the file that is named now. */
  private static boolean lacksSnapshot(View view, Pod founder) {
    return view.wanted().founding().isPresent() && view.outdated(founder);
  }

  /** Nothing is lost: it waits with an empty disk. */
  private static Optional<Step> renew(Pod founder) {
    return Optional.of(
        new Step.DeletePod(
            founder.ordinal(),
            founder.uid(),
            founder.version(),
            "it is to found the cluster, and was made before it could see the snapshot"));
  }

  /**
   * Whether pods are to be shown the snapshot that the spec names: until the cluster is founded,
   * and never again. That it is not founded yet is certain while nothing is recorded (what traces
   * tell was adopted before), and while the disk that it is recorded for waits; where nothing is
   * known it stays as it is. It also stays where its going would cost the data, for the pod has to
   * be made anew for that.
   */
  static boolean showsSnapshot(View view) {
    if (view.wanted().founding().isEmpty()) {
      return false;
    }
    boolean shown = view.facts().statefulSet().filter(StatefulSet::snapshot).isPresent();
    if (view.ours().findAny().isPresent()) {
      return shown && view.wanted().ephemeral() && view.wanted().replicas() == 1;
    }
    return shown || view.founding().isEmpty() || founder(view).isPresent();
  }

  /** Why the node that is to found could not take the snapshot over; empty if it did not say so. */
  static Optional<String> refusal(View view) {
    return view.founding().isPresent() && isToBeCarriedOut(view)
        ? founder(view)
            .flatMap(p -> p.node().map(n -> view.pod(p.ordinal()) + ": " + n.refusal()))
            .filter(said -> !said.endsWith(": "))
        : Optional.empty();
  }

  /** Whether the disk that the founding is recorded for waits to found. */
  static boolean isToBeCarriedOut(View view) {
    return view.ours().findAny().isEmpty() && founder(view).isPresent();
  }

  private static Optional<Pod> founder(View view) {
    long incarnation = view.founding().orElseThrow().incarnation();
    return view.facts().pods().stream()
        .filter(p -> !p.deleting())
        .filter(
            p ->
                p.node()
                    .filter(
                        n ->
                            n.state() == NodeStatus.State.WAITING
                                || n.state() == NodeStatus.State.RESTORING)
                    .filter(n -> n.incarnation() == incarnation)
                    .isPresent())
        .findFirst();
  }

  /** Why the founding must not be carried out yet, or null. */
  private static String unmarked(View view, Founding founding) {
    if (view.facts().statefulSet().flatMap(StatefulSet::founding).isEmpty()) {
      return "the StatefulSet does not carry the founding yet";
    }
    for (var pod : view.facts().pods()) {
      if (!claimMarked(view, pod.ordinal())) {
        return "the volume claim of %s does not carry cluster %s"
            .formatted(view.pod(pod.ordinal()), View.hex(founding.clusterId()));
      }
    }
    return null;
  }

  /** Whether the volume of a pod says which cluster it is for; without volumes there is no need. */
  static boolean claimMarked(View view, int ordinal) {
    return view.wanted().ephemeral()
        || view.facts()
            .claim(ordinal)
            .filter(c -> !c.deleting())
            .flatMap(Claim::founding)
            .filter(f -> f.clusterId() == view.cluster())
            .isPresent();
  }
}
