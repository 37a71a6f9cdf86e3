package dev.kelvin.operator.decide;

import dev.kelvin.operator.facts.Member;
import dev.kelvin.operator.facts.Pod;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Pods of an earlier template are made anew, one at a time: those that are not well first, then
 * followers, the highest ordinal first, the leader's last, after it handed over to one that is new
 * already. The next one only when all that are new are well and the others are a quorum. {@link
 * BrokenPods} has dealt with those that do not run at all.
 */
final class Rollout implements Concern {
  @Override
  public Optional<Step> next(View view) {
    if (view.facts().statefulSet().filter(s -> s.settled()).isEmpty()) {
      return View.wait("TemplateUnseen", "the StatefulSet's controller has not seen the template");
    }
    var outdated = outdated(view);
    if (outdated.isEmpty()) {
      return awaitNew(view);
    }
    var waiting = awaitNew(view);
    if (waiting.isPresent()) {
      return waiting;
    }
    return next(view, outdated);
  }

  static List<Pod> outdated(View view) {
    return view.facts().pods().stream().filter(p -> !p.deleting() && view.outdated(p)).toList();
  }

  /** The pods that are new already must be well before the next one goes. */
  private static Optional<Step> awaitNew(View view) {
    int size = Children.size(view);
    for (int ordinal = 0; ordinal < size; ordinal++) {
      var pod = view.facts().pod(ordinal);
      if (pod.isEmpty() || pod.get().deleting()) {
        return View.wait("PodRestarts", "waiting for %s to come back", view.pod(ordinal));
      }
      if (!view.outdated(pod.get()) && !well(view, pod.get())) {
        var trouble = pod.get().trouble();
        return View.wait(
            "PodNotWell",
            "%s was made from the present template and is not a healthy, ready voter%s; nothing more is changed until it is, or the template changes",
            view.pod(ordinal),
            trouble.isEmpty() ? "" : " (" + trouble + ")");
      }
    }
    return Optional.empty();
  }

  private static boolean well(View view, Pod pod) {
    return pod.ready() && member(view, pod).filter(view::healthy).isPresent();
  }

  private static Optional<Member> member(View view, Pod pod) {
    return pod.node()
        .filter(view::isOurs)
        .flatMap(n -> view.members().stream().filter(m -> m.id() == n.member()).findFirst());
  }

  private static Optional<Step> next(View view, List<Pod> outdated) {
    var unwell =
        outdated.stream().filter(p -> !well(view, p)).max(Comparator.comparingInt(Pod::ordinal));
    if (unwell.isPresent()) {
      return renew(view, unwell.get());
    }
    var follower =
        outdated.stream()
            .filter(p -> member(view, p).filter(view::leads).isEmpty())
            .max(Comparator.comparingInt(Pod::ordinal));
    return renew(view, follower.orElseGet(outdated::getFirst));
  }

  private static Optional<Step> renew(View view, Pod pod) {
    var name = view.pod(pod.ordinal());
    var member = member(view, pod).or(() -> view.memberAt(pod.ordinal()));
    if (member.isEmpty()) {
      return delete(pod);
    }
    boolean alone = view.voters().size() == 1;
    if (alone) {
      return view.wanted().ephemeral()
          ? View.wait(
              "DataWouldBeLost",
              "%s is the only member and keeps its data in memory of the pod: it can be made anew only with replicas: 3",
              name)
          : delete(pod);
    }
    if (!view.mayMiss(member.get())) {
      return View.wait(
          "QuorumAtRisk", "%s is made anew once the other voters are a healthy quorum", name);
    }
    if (view.leads(member.get())) {
      return successor(view)
          .<Optional<Step>>map(
              to ->
                  Optional.of(
                      new Step.Transfer(
                          view.cluster(), to.id(), to.ordinal(), name + " is to be made anew")))
          .orElseGet(
              () -> View.wait("QuorumAtRisk", "%s leads, and nobody can take over yet", name));
    }
    return delete(pod);
  }

  private static Optional<Step> delete(Pod pod) {
    return Optional.of(
        new Step.DeletePod(pod.ordinal(), pod.uid(), pod.version(), "its template has changed"));
  }

  /** One that is new already, so that leadership moves once. */
  private static Optional<Member> successor(View view) {
    return view.voters().stream()
        .filter(v -> view.healthy(v) && !view.leads(v))
        .max(
            Comparator.comparing(
                    (Member v) -> view.podOf(v).filter(p -> !view.outdated(p)).isPresent())
                .thenComparingLong(Member::match)
                .thenComparing(Comparator.comparingInt(Member::ordinal).reversed()));
  }
}
