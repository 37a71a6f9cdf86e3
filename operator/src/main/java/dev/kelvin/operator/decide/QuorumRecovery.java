package dev.kelvin.operator.decide;

import dev.kelvin.operator.facts.NodeStatus;
import dev.kelvin.operator.facts.Pod;
import dev.kelvin.operator.facts.Recovery;
import dev.kelvin.operator.facts.Recovery.Outcome;
import dev.kelvin.operator.facts.Wanted.RecoveryWish;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;

/**
 * Goes on with one survivor when a person asks for it by name; the last name never again, whatever
 * came of it. Asked for while a quorum answers, the name is spent: it must not lie in wait for a
 * bad day.
 */
final class QuorumRecovery implements Concern {
  /** A leader that was heard of within this time may still be there. */
  private static final Duration SILENCE = Duration.ofSeconds(5);

  private static final Comparator<NodeStatus> BY_LAST_ENTRY =
      Comparator.comparingLong(NodeStatus::lastTerm).thenComparingLong(NodeStatus::lastIndex);

  @Override
  public Optional<Step> next(View view) {
    var known = view.recovery();
    if (known.filter(r -> r.outcome() == Outcome.BEGUN).isPresent()) {
      return carryOut(view, known.get());
    }
    return view.wanted()
        .recovery()
        .filter(w -> known.filter(r -> r.name().equals(w.name())).isEmpty())
        .filter(w -> view.founding().isPresent())
        .flatMap(w -> begin(view, w));
  }

  private static Optional<Step> carryOut(View view, Recovery recovery) {
    boolean done =
        view.founding().isPresent()
            && view.cluster() == recovery.to()
            && view.ours().findAny().isPresent();
    if (done) {
      return Optional.of(new Step.RecordRecovery(recovery.with(Outcome.DONE)));
    }
    var survivor = view.facts().pod(recovery.survivor()).flatMap(Pod::node);
    if (survivor.filter(n -> n.member() == recovery.member()).isEmpty()) {
      return View.wait(
          "RecoveryWaits",
          "recovery %s goes on when %s, member %s, answers",
          recovery.name(),
          view.pod(recovery.survivor()),
          View.hex(recovery.member()));
    }
    if (view.serving().isPresent()) {
      return Optional.of(new Step.RecordRecovery(recovery.with(Outcome.REFUSED)));
    }
    return Optional.of(new Step.Recover(recovery));
  }

  private static Optional<Step> begin(View view, RecoveryWish wish) {
    var voters = view.voters();
    if (voters.isEmpty()) {
      // Nobody with data answers: no survivor to go on with, and no quorum either.
      return Optional.empty();
    }
    var survivor = view.facts().pod(wish.survivor()).flatMap(Pod::node).filter(view::isOurs);
    if (view.serving().isPresent() || Leadership.quorumAnswers(view)) {
      return Optional.of(
          new Step.RecordRecovery(
              new Recovery(
                  wish.name(),
                  Outcome.REFUSED,
                  wish.survivor(),
                  0,
                  view.cluster(),
                  view.cluster())));
    }
    if (view.ours().anyMatch(QuorumRecovery::hearsLeader)) {
      return View.wait(
          "RecoveryWaits", "recovery %s waits: a leader was heard of just now", wish.name());
    }
    var best = best(view);
    if (survivor.isEmpty() || survivor.get().state() != NodeStatus.State.VOTER || best.isEmpty()) {
      return View.wait(
          "RecoveryWaits",
          "recovery %s waits for %s to answer as a voter; %s",
          wish.name(),
          view.pod(wish.survivor()),
          Leadership.message(view));
    }
    if (BY_LAST_ENTRY.compare(survivor.get(), best.get().node().orElseThrow()) < 0) {
      return View.wait(
          "RecoveryWaits",
          "recovery %s is not begun: %s has more than %s; name that one",
          wish.name(),
          view.pod(best.get().ordinal()),
          view.pod(wish.survivor()));
    }
    return Optional.of(
        new Step.RecordRecovery(
            new Recovery(
                wish.name(),
                Outcome.BEGUN,
                wish.survivor(),
                survivor.get().member(),
                view.cluster(),
                view.facts().freshId())));
  }

  private static boolean hearsLeader(NodeStatus node) {
    return node.leader() != 0 && node.silence().filter(s -> s.compareTo(SILENCE) < 0).isPresent();
  }

  /** The survivor with the highest last term and index. */
  static Optional<Pod> best(View view) {
    return view.facts().pods().stream()
        .filter(
            p ->
                p.node()
                    .filter(n -> n.state() == NodeStatus.State.VOTER && view.isOurs(n))
                    .isPresent())
        .max(Comparator.comparing(p -> p.node().orElseThrow(), BY_LAST_ENTRY));
  }
}
