package dev.kelvin.operator.decide;

import dev.kelvin.operator.facts.Member;
import dev.kelvin.operator.facts.NodeStatus;
import dev.kelvin.operator.facts.NodeStatus.State;
import dev.kelvin.operator.facts.Pod;
import java.util.Optional;

/**
 * Every pod below the goal is a voter, one change at a time: a learner is seen through before
 * anything else; a member whose pod came back with an empty disk is removed, and joins as a new
 * one; data of a removed identity are set aside; then the lowest pod without a member joins. A pod
 * that is only away changes nothing.
 */
final class Membership implements Concern {
  @Override
  public Optional<Step> next(View view) {
    var learner = view.learner();
    if (learner.isPresent()) {
      return learner.get().ordinal() >= Math.max(view.goal(), view.wanted().replicas())
          ? Optional.of(
              new Step.Remove(
                  view.cluster(),
                  learner.get().id(),
                  learner.get().ordinal(),
                  "the cluster is to be smaller"))
          : seeThrough(view, learner.get());
    }
    return first(view, Membership::removeReplaced)
        .or(() -> first(view, Membership::setAside))
        .or(() -> awaitJoining(view))
        .or(() -> first(view, Membership::join))
        .or(() -> awaitMissing(view));
  }

  /** What one pod below the goal needs. */
  private interface Need {
    Optional<Step> of(View view, Pod pod, NodeStatus node);
  }

  private static Optional<Step> first(View view, Need need) {
    return view.facts().pods().stream()
        .filter(p -> p.ordinal() < view.goal() && !p.deleting() && p.node().isPresent())
        .flatMap(p -> need.of(view, p, p.node().orElseThrow()).stream())
        .findFirst();
  }

  private static Optional<Step> seeThrough(View view, Member learner) {
    if (learner.ordinal() < 0) {
      return View.wait(
          "ForeignLearner",
          "member %s, which is none of the pods, is a learner: promote or remove it",
          View.hex(learner.id()));
    }
    var name = view.pod(learner.ordinal());
    var pod = view.facts().pod(learner.ordinal()).filter(p -> !p.deleting());
    var node = pod.flatMap(Pod::node);
    if (node.isEmpty()) {
      return View.wait("PodsStarting", "waiting for %s, a learner, to answer", name);
    }
    if (node.get().blank()) {
      boolean its = learner.incarnation() == 0 || learner.incarnation() == node.get().incarnation();
      if (!its) {
        return Optional.of(
            new Step.Remove(
                view.cluster(),
                learner.id(),
                learner.ordinal(),
                "its pod came back with an empty disk"));
      }
      return node.get().state() == State.JOINING
          ? awaitJoin(name, node.get())
          : Optional.of(joining(view, pod.get(), node.get()));
    }
    var aside = setAside(view, pod.get(), node.get());
    if (aside.isPresent()) {
      return aside;
    }
    if (node.get().member() != learner.id()) {
      return View.wait(
          "PodsStarting",
          "%s holds member %s, and the cluster expects learner %s there",
          name,
          View.hex(node.get().member()),
          View.hex(learner.id()));
    }
    return view.caughtUp(learner) && node.get().lag() <= View.MAX_LAG && view.mayAdd()
        ? Optional.of(new Step.Promote(view.cluster(), learner.id()))
        : View.wait("CatchingUp", "%s, a learner, catches up", name);
  }

  private static Optional<Step> removeReplaced(View view, Pod pod, NodeStatus node) {
    var old = view.memberAt(pod.ordinal());
    if (!node.blank() || old.isEmpty()) {
      return Optional.empty();
    }
    if (old.get().incarnation() == 0 || old.get().incarnation() == node.incarnation()) {
      // The identity is for this very disk: its answer to a join got lost, or it was announced.
      return node.state() == State.JOINING
          ? awaitJoin(view.pod(pod.ordinal()), node)
          : Optional.of(joining(view, pod, node));
    }
    if (old.get().active()) {
      return View.wait(
          "StillHeardOf",
          "%s has an empty disk, and its member %s was heard of lately",
          view.pod(pod.ordinal()),
          View.hex(old.get().id()));
    }
    return view.mayRemove(old.get())
        ? Optional.of(
            new Step.Remove(
                view.cluster(),
                old.get().id(),
                pod.ordinal(),
                "its pod came back with an empty disk"))
        : View.wait(
            "QuorumAtRisk",
            "%s came back with an empty disk; its member is removed once the other voters are a healthy quorum",
            view.pod(pod.ordinal()));
  }

  private static Optional<Step> setAside(View view, Pod pod, NodeStatus node) {
    return node.state() == State.REMOVED
            && node.cluster() == view.cluster()
            && view.members().stream().noneMatch(m -> m.id() == node.member())
        ? Optional.of(new Step.SetAside(pod.ordinal(), node.member()))
        : Optional.empty();
  }

  private static Optional<Step> awaitJoining(View view) {
    for (var pod : view.facts().pods()) {
      var node = pod.node().filter(view::isOurs).filter(n -> n.state() == State.LEARNER);
      if (pod.ordinal() < view.goal()
          && node.filter(n -> view.members().stream().noneMatch(m -> m.id() == n.member()))
              .isPresent()) {
        // A new leader may not know yet that it was let in; or it does not know that it was
        // removed.
        return View.wait(
            "Joining",
            "%s says that it is a learner, and the leader does not",
            view.pod(pod.ordinal()));
      }
    }
    return view.facts().pods().stream()
        .filter(p -> p.node().filter(n -> n.state() == State.JOINING).isPresent())
        .filter(p -> p.ordinal() < view.goal() || view.memberAt(p.ordinal()).isEmpty())
        .findFirst()
        .flatMap(p -> awaitJoin(view.pod(p.ordinal()), p.node().orElseThrow()));
  }

  private static Optional<Step> awaitJoin(String name, NodeStatus node) {
    return View.wait(
        "Joining",
        "%s asks to be let in%s",
        name,
        node.refusal().isEmpty() ? "" : ": " + node.refusal());
  }

  private static Optional<Step> join(View view, Pod pod, NodeStatus node) {
    if (node.state() != State.WAITING || view.memberAt(pod.ordinal()).isPresent()) {
      return Optional.empty();
    }
    if (!view.mayAdd()) {
      return View.wait(
          "QuorumAtRisk",
          "%s joins once enough voters are healthy for one more",
          view.pod(pod.ordinal()));
    }
    return Optional.of(joining(view, pod, node));
  }

  private static Step joining(View view, Pod pod, NodeStatus node) {
    if (!FoundingOnce.claimMarked(view, pod.ordinal())) {
      return new Step.Wait(
          "MarksMissing",
          "the volume claim of %s does not carry cluster %s yet"
              .formatted(view.pod(pod.ordinal()), View.hex(view.cluster())));
    }
    var addresses =
        view.voters().stream().filter(v -> v.ordinal() != pod.ordinal()).map(Member::peer).toList();
    return new Step.Join(pod.ordinal(), node.incarnation(), addresses);
  }

  private static Optional<Step> awaitMissing(View view) {
    for (int ordinal = 0; ordinal < view.goal(); ordinal++) {
      if (view.memberAt(ordinal).isEmpty()) {
        var name = view.pod(ordinal);
        var node = view.facts().pod(ordinal).flatMap(Pod::node);
        if (node.filter(view::isForeign).isPresent()) {
          return View.wait(
              "ForeignData",
              "%s holds data of cluster %s, not of %s: delete its volume claim and the pod if they are not needed any more",
              name,
              View.hex(node.get().cluster()),
              View.hex(view.cluster()));
        }
        return node.isPresent()
            ? View.wait(
                "PodsStarting",
                "%s holds member %s, which the cluster does not know",
                name,
                View.hex(node.get().member()))
            : View.wait("PodsStarting", "waiting for %s to answer", name);
      }
    }
    return Optional.empty();
  }
}
