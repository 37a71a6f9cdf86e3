package dev.kelvin.operator.decide;

import dev.kelvin.operator.facts.NodeStatus;
import dev.kelvin.operator.facts.Pod;
import java.util.Optional;

/**
 * While nobody leads nothing about members can be decided, and nothing that runs is touched: the
 * voters elect somebody, or a quorum is lost. And the leader's pod is labelled, for the service
 * that follows it.
 */
final class Leadership implements Concern {
  @Override
  public Optional<Step> next(View view) {
    if (view.leader().isEmpty() && view.serving().isPresent()) {
      return View.wait("MembersChange", "a change of members is under way");
    }
    if (view.leader().isEmpty()) {
      return View.wait(reason(view), "%s", message(view));
    }
    if (!view.wanted().leaderService()) {
      return Optional.empty();
    }
    var pod =
        view.facts().pods().stream()
            .filter(p -> p.node().filter(n -> n == view.leader().get()).isPresent())
            .findFirst();
    boolean others = view.facts().pods().stream().anyMatch(p -> p.leader() && !isLeaders(view, p));
    return pod.filter(p -> !p.leader() || others).map(p -> new Step.LabelLeader(p.ordinal()));
  }

  private static boolean isLeaders(View view, Pod pod) {
    return pod.node().filter(n -> n == view.leader().get()).isPresent();
  }

  static String reason(View view) {
    return quorumAnswers(view) ? "NoLeader" : "QuorumLost";
  }

  /** Voters that answer as such. */
  static long answering(View view) {
    return view.voters().stream()
        .filter(v -> view.nodeOf(v).filter(n -> n.state() == NodeStatus.State.VOTER).isPresent())
        .count();
  }

  static boolean quorumAnswers(View view) {
    return answering(view) >= View.majority(view.voters().size());
  }

  static String message(View view) {
    if (quorumAnswers(view)) {
      return "the voters answer, and none leads yet";
    }
    var said =
        "%d of %d voters answer, fewer than a quorum: nothing can be written"
            .formatted(answering(view), view.voters().size());
    return QuorumRecovery.best(view)
        .map(
            pod ->
                said
                    + "; if the others are gone for good, set spec.recovery to {name: <any new word>, survivor: %s}: it has the most, up to term %d, entry %d, and what only the others held is lost"
                        .formatted(
                            view.pod(pod.ordinal()),
                            pod.node().orElseThrow().lastTerm(),
                            pod.node().orElseThrow().lastIndex()))
        .orElse(said);
  }
}
