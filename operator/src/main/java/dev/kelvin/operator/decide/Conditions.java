package dev.kelvin.operator.decide;

import dev.kelvin.operator.decide.Condition.Type;
import dev.kelvin.operator.facts.Member;
import dev.kelvin.operator.facts.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What the status says of a cluster, for people and for {@code kubectl wait}. */
final class Conditions {
  private Conditions() {}

  static List<Condition> of(View view, Step step) {
    return List.of(available(view), progressing(view, step), degraded(view, step));
  }

  /** Whether clients can read and write: somebody leads, and is heard by a quorum. */
  private static Condition available(View view) {
    if (view.serving().isPresent()) {
      var voters = view.voters();
      return new Condition(
          Type.AVAILABLE,
          true,
          "QuorumServes",
          "%d of %d voters are healthy"
              .formatted(voters.stream().filter(view::healthy).count(), voters.size()));
    }
    if (view.ours().findAny().isEmpty()) {
      boolean unfounded = view.founding().isEmpty() || FoundingOnce.isToBeCarriedOut(view);
      return new Condition(
          Type.AVAILABLE,
          false,
          unfounded ? "NotFounded" : "NoMemberAnswers",
          unfounded
              ? "the cluster is not founded yet"
              : "no member of cluster %s answers".formatted(View.hex(view.cluster())));
    }
    return new Condition(Type.AVAILABLE, false, Leadership.reason(view), Leadership.message(view));
  }

  private static Condition progressing(View view, Step step) {
    if (view.operation().isEmpty()) {
      return step instanceof Step.Wait(var reason, var message)
          ? new Condition(Type.PROGRESSING, false, reason, message)
          : new Condition(Type.PROGRESSING, true, "Upkeep", "brings the children up to date");
    }
    var operation = view.operation().get();
    var what = "%s: %s".formatted(operation.kind().word(), operation.target());
    if (view.wanted().paused()) {
      return new Condition(Type.PROGRESSING, false, "Paused", what + " is paused by the spec");
    }
    var why = step instanceof Step.Wait(_, var message) ? "; " + message : "";
    if (overdue(view, operation)) {
      return new Condition(
          Type.PROGRESSING,
          false,
          "DeadlineExceeded",
          "%s made no step forward for %d minutes (%s)%s"
              .formatted(what, Operations.PATIENCE.toMinutes(), operation.progress(), why));
    }
    return new Condition(
        Type.PROGRESSING,
        true,
        operation.kind().word(),
        "%s (%s)%s".formatted(what, operation.progress(), why));
  }

  private static boolean overdue(View view, Operation operation) {
    return operation.overdue(view.now());
  }

  private static Condition degraded(View view, Step step) {
    List<String> troubles = new ArrayList<>();
    String reason = "AllWell";
    if (view.operation().filter(o -> overdue(view, o)).isPresent()) {
      reason = "DeadlineExceeded";
      troubles.add(
          "%s is stuck%s"
              .formatted(
                  view.operation().get().kind().word(),
                  step instanceof Step.Wait(_, var message) ? ": " + message : ""));
    }
    var ill = view.voters().stream().filter(v -> !view.healthy(v)).toList();
    if (!ill.isEmpty()) {
      reason = "MembersUnhealthy";
      troubles.add(
          "not healthy: " + ill.stream().map(m -> name(view, m)).collect(Collectors.joining(", ")));
    }
    var stopped = view.facts().pods().stream().filter(p -> !p.trouble().isEmpty()).toList();
    if (!stopped.isEmpty()) {
      reason = "PodsNotRunning";
      stopped.forEach(p -> troubles.add(view.pod(p.ordinal()) + " does not run: " + p.trouble()));
    }
    var foreign =
        view.facts().pods().stream()
            .filter(p -> p.node().filter(view::isForeign).isPresent())
            .map(p -> view.pod(p.ordinal()))
            .toList();
    if (!foreign.isEmpty()) {
      reason = "ForeignData";
      troubles.add("with data of another cluster: " + String.join(", ", foreign));
    }
    for (var alarm : Alarms.of(view)) {
      reason = alarm.reason();
      troubles.add(alarm.message());
    }
    var refusal = FoundingOnce.refusal(view);
    if (refusal.isPresent()) {
      reason = "SnapshotRefused";
      troubles.add(refusal.get());
    }
    if (view.serving().isEmpty() && view.ours().findAny().isPresent()) {
      reason = Leadership.reason(view);
      troubles.add(Leadership.message(view));
    } else if (step instanceof Step.Wait(var why, var message)
        && (why.equals("DataGone")
            || why.equals("FoundingsConflict")
            || why.equals(Volumes.CANNOT_GROW))) {
      reason = why;
      troubles.add(message);
    }
    return new Condition(
        Type.DEGRADED,
        !troubles.isEmpty(),
        reason,
        troubles.isEmpty() ? "every member is healthy" : String.join("; ", troubles));
  }

  private static String name(View view, Member member) {
    return member.ordinal() < 0 ? View.hex(member.id()) : view.pod(member.ordinal());
  }
}
