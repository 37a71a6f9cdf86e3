package dev.kelvin.operator.decide;

import dev.kelvin.operator.facts.Facts;
import dev.kelvin.operator.facts.Operation.Kind;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Decides what to do next: a pure function, called again from scratch after every step. The
 * concerns are asked in order; the first that has a step, or has to wait, is heard.
 *
 * <ol>
 *   <li>{@link Adoption}: a founding that traces tell of is the founding.
 *   <li>{@link QuorumRecovery}: what a person asked for by name.
 *   <li>{@link Children}: StatefulSet, services and budget are there, and hold every member.
 *   <li>{@link BrokenPods}: a pod that cannot run gets the present template.
 *   <li>{@link FoundingOnce}: recorded, marked, then carried out.
 *   <li>{@link Leadership}: without a leader nothing more is done.
 *   <li>{@link Membership}: every pod that is to be a voter is one.
 *   <li>{@link Shrinking}: members that are too many leave.
 *   <li>{@link LeftClaims}: their volumes, by policy.
 *   <li>{@link Volumes}: grow.
 *   <li>{@link Rollout}: one pod at a time, the leader last.
 *   <li>{@link Readiness}: nothing is done while something is not ready yet.
 *   <li>{@link Volumes#SMALL}: what could not grow is said.
 * </ol>
 *
 * Volumes grow and pods are made anew only as the operation in flight, of which there is one at a
 * time ({@link Operations}).
 */
public final class Decide {
  private static final List<Concern> ORDER =
      List.of(
          new Adoption(),
          new QuorumRecovery(),
          new Children(),
          new BrokenPods(),
          new FoundingOnce(),
          new Leadership(),
          new Membership(),
          new Shrinking(),
          new LeftClaims(),
          whileInFlight(Kind.RESIZE, new Volumes()),
          whileInFlight(Kind.ROLLOUT, new Rollout()),
          new Readiness(),
          Volumes.SMALL);

  private Decide() {}

  /**
   * The next step, and what to say meanwhile.
   *
   * @param now of the clock that the facts' times are from
   */
  public static Decision decide(Facts facts, Instant now) {
    var view = new View(facts, now);
    if (facts.wanted().paused()) {
      var operation = facts.recorded().operation();
      view.operation(operation);
      var step = new Step.Wait("Paused", "paused by the spec; nothing is changed");
      return new Decision(step, operation, Conditions.of(view, step), Summary.of(view));
    }
    view.operation(Operations.inFlight(view));
    Step step =
        ORDER.stream()
            .flatMap(c -> c.next(view).stream())
            .findFirst()
            .orElseGet(() -> new Step.Wait("AsSpecified", "everything is as the spec says"));
    return new Decision(step, view.operation(), Conditions.of(view, step), Summary.of(view));
  }

  private static Concern whileInFlight(Kind kind, Concern concern) {
    return view ->
        view.operation().filter(o -> o.kind() == kind).isPresent()
            ? concern.next(view)
            : Optional.empty();
  }
}
