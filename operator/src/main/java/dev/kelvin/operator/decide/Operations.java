package dev.kelvin.operator.decide;

import dev.kelvin.operator.facts.Operation;
import dev.kelvin.operator.facts.Operation.Kind;
import dev.kelvin.operator.facts.Pod;
import dev.kelvin.operator.facts.Recovery;
import dev.kelvin.operator.facts.StatefulSet;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which operation is in flight. There is one at most; it lasts until its target is reached, or is
 * not wanted any more. Each step forward gives it time anew; without one, past its deadline, it is
 * stuck: that is said, nothing else begins, and it goes on when the cause is gone.
 */
final class Operations {
  /** Time an operation may be without progress before it counts as stuck. */
  static final Duration PATIENCE = Duration.ofMinutes(10);

  private Operations() {}

  static Optional<Operation> inFlight(View view) {
    var known = view.facts().recorded().operation();
    // While a rollout or the growth of volumes lasts, the cluster keeps the size it began with.
    int size =
        known
            .filter(o -> latchesSize(o.kind()))
            .map(Operation::members)
            .orElse(view.wanted().replicas());
    if (known.isPresent()) {
      var target = target(view, known.get().kind(), size, known);
      if (target.filter(known.get().target()::equals).isPresent()) {
        return known.map(o -> forward(view, o, size));
      }
    }
    for (var kind : Kind.values()) {
      int wanted = view.wanted().replicas();
      // Who the members are is not certain while nobody leads: nothing that keeps a size begins.
      var target =
          latchesSize(kind) && view.leader().isEmpty()
              ? Optional.<String>empty()
              : target(view, kind, wanted, Optional.empty());
      if (target.isPresent()) {
        return Optional.of(begin(view, kind, target.get(), wanted));
      }
    }
    return Optional.empty();
  }

  static boolean latchesSize(Kind kind) {
    return kind == Kind.ROLLOUT || kind == Kind.RESIZE;
  }

  private static Operation begin(View view, Kind kind, String target, int members) {
    return new Operation(
        kind,
        target,
        members,
        progress(view, kind, members),
        view.now(),
        view.now().plus(PATIENCE));
  }

  private static Operation forward(View view, Operation known, int members) {
    var progress = progress(view, known.kind(), members);
    boolean moved = !progress.equals(known.progress());
    return new Operation(
        known.kind(),
        known.target(),
        members,
        progress,
        known.since(),
        moved ? view.now().plus(PATIENCE) : known.deadline());
  }

  /**
   * What an operation of this kind has to reach; empty if there is nothing to be done. While no
   * member answers, nothing about members begins, and what is known to be in flight lasts.
   */
  private static Optional<String> target(
      View view, Kind kind, int members, Optional<Operation> known) {
    return switch (kind) {
      case RECOVER ->
          view.recovery()
              .filter(r -> r.outcome() == Recovery.Outcome.BEGUN)
              .map(r -> "cluster " + View.hex(r.to()));
      case FOUND ->
          view.founding().isEmpty() || FoundingOnce.isToBeCarriedOut(view)
              ? Optional.of("a cluster")
              : Optional.empty();
      case REPLACE -> replacement(view, members, known).map(view::pod);
      case SCALE_UP ->
          inPlace(view, members) < members
                  && (known.isPresent() || !view.members().isEmpty())
                  && view.members().stream().noneMatch(m -> m.ordinal() >= members)
              ? Optional.of(members + " members")
              : Optional.empty();
      case SCALE_DOWN ->
          (known.isPresent() && view.members().isEmpty())
                  || view.members().stream().anyMatch(m -> m.ordinal() >= members)
              ? Optional.of(members + " members")
              : Optional.empty();
      case RESIZE ->
          Volumes.needed(view)
              ? Optional.of("volumes of %d bytes".formatted(view.wanted().volumeBytes()))
              : Optional.empty();
      case ROLLOUT -> rollout(view, members, known);
    };
  }

  /** A member is replaced from when its disk is seen empty until its pod is a voter again. */
  private static Optional<Integer> replacement(View view, int members, Optional<Operation> known) {
    var begun =
        known
            .filter(o -> o.kind() == Kind.REPLACE)
            .map(o -> Integer.valueOf(o.target().substring(o.target().lastIndexOf('-') + 1)))
            .filter(o -> o < members)
            .filter(o -> view.memberAt(o).filter(m -> !m.learner()).isEmpty());
    return begun.or(
        () ->
            view.facts().pods().stream()
                .filter(p -> p.ordinal() < members)
                .filter(
                    p ->
                        p.node()
                            .filter(n -> n.blank())
                            .filter(
                                n ->
                                    view.memberAt(p.ordinal())
                                        .filter(m -> !m.learner())
                                        .filter(m -> m.incarnation() != n.incarnation())
                                        .isPresent())
                            .isPresent())
                .map(Pod::ordinal)
                .findFirst());
  }

  /** Until every pod is new and well. */
  private static Optional<String> rollout(View view, int members, Optional<Operation> known) {
    var revision = view.facts().statefulSet().map(StatefulSet::revision).orElse("");
    boolean outdated = !Rollout.outdated(view).isEmpty();
    boolean lasting =
        known.isPresent() && (inPlace(view, members) < members || !allReady(view, members));
    return outdated || lasting ? Optional.of("revision " + revision) : Optional.empty();
  }

  private static boolean allReady(View view, int members) {
    return view.facts().pods().stream()
            .filter(p -> p.ordinal() < members && p.ready() && !p.deleting())
            .count()
        == members;
  }

  private static long inPlace(View view, int members) {
    return view.voters().stream().filter(v -> v.ordinal() >= 0 && v.ordinal() < members).count();
  }

  /** Changes whenever something has moved forward. */
  private static String progress(View view, Kind kind, int members) {
    return switch (kind) {
      case RECOVER -> view.founding().map(f -> View.hex(f.clusterId())).orElse("");
      case FOUND -> view.founding().isPresent() ? "recorded" : "pods start";
      case REPLACE, SCALE_UP, SCALE_DOWN ->
          view.members().stream()
              .sorted(Comparator.comparingInt(m -> m.ordinal()))
              .map(m -> m.ordinal() + (m.learner() ? " (learner)" : ""))
              .collect(Collectors.joining(", ", "members ", ""));
      case RESIZE ->
          "%d volumes as wanted"
              .formatted(
                  view.facts().claims().stream()
                      .filter(c -> c.bytes() >= view.wanted().volumeBytes())
                      .count());
      case ROLLOUT ->
          "%d of %d pods new, %d voters"
              .formatted(
                  view.facts().pods().stream()
                      .filter(p -> !p.deleting() && !view.outdated(p))
                      .count(),
                  members,
                  inPlace(view, members));
    };
  }
}
