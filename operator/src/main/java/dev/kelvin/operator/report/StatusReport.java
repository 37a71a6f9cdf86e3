package dev.kelvin.operator.report;

import dev.kelvin.operator.crd.KvClusterStatus;
import dev.kelvin.operator.crd.KvClusterStatus.MemberStatus;
import dev.kelvin.operator.crd.KvClusterStatus.Role;
import dev.kelvin.operator.decide.Condition;
import dev.kelvin.operator.decide.Decision;
import dev.kelvin.operator.decide.Summary;
import dev.kelvin.operator.decide.Summary.OneMember;
import dev.kelvin.operator.facts.Facts;
import dev.kelvin.operator.facts.Recorded;
import dev.kelvin.operator.facts.StatefulSet;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The status that follows from a decision. */
public final class StatusReport {
  private StatusReport() {}

  /**
   * @param recorded what is to stay on record: what the facts had, or what the step has just
   *     written
   * @param before the status so far, or null
   * @param selector labels of the pods
   */
  public static KvClusterStatus status(
      Facts facts,
      Recorded recorded,
      Decision decision,
      KvClusterStatus before,
      Map<String, String> selector,
      Instant now) {
    var wanted = facts.wanted();
    var summary = decision.summary();
    return new KvClusterStatus(
        wanted.generation(),
        decision.conditions().stream()
            .map(c -> condition(c, wanted.generation(), before, now))
            .toList(),
        facts.statefulSet().map(StatefulSet::replicas).orElse(0),
        summary.ready(),
        selector.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(e -> e.getKey() + "=" + e.getValue())
            .collect(Collectors.joining(",")),
        summary.leader().map(wanted::pod).orElse(null),
        summary.version().orElse(null),
        recorded.founding().map(f -> Records.hex(f.clusterId())).orElse(null),
        members(facts, summary),
        decision.operation().map(Records::write).orElse(null),
        recorded.founding().map(Records::write).orElse(null),
        recorded.recovery().map(r -> Records.write(r, wanted.pod(r.survivor()))).orElse(null));
  }

  private static List<MemberStatus> members(Facts facts, Summary summary) {
    return summary.members().stream().map(m -> member(facts, m)).toList();
  }

  private static MemberStatus member(Facts facts, OneMember m) {
    return new MemberStatus(
        m.ordinal() < 0 ? "" : facts.wanted().pod(m.ordinal()),
        Records.hex(m.id()),
        switch (m.role()) {
          case LEADER -> Role.Leader;
          case FOLLOWER -> Role.Follower;
          case LEARNER -> Role.Learner;
        },
        m.healthy(),
        m.lag().orElse(null),
        m.version().orElse(null));
  }

  /** The time of transition changes with the status only, not with reason or message. */
  private static io.fabric8.kubernetes.api.model.Condition condition(
      Condition c, long generation, KvClusterStatus before, Instant now) {
    var status = c.holds() ? "True" : "False";
    var since =
        Optional.ofNullable(before)
            .map(KvClusterStatus::conditions)
            .flatMap(
                all ->
                    all.stream()
                        .filter(b -> b.getType().equals(c.type().word()))
                        .filter(b -> b.getStatus().equals(status))
                        .map(io.fabric8.kubernetes.api.model.Condition::getLastTransitionTime)
                        .findFirst())
            .orElseGet(() -> now.truncatedTo(ChronoUnit.SECONDS).toString());
    return new ConditionBuilder()
        .withType(c.type().word())
        .withStatus(status)
        .withReason(c.reason())
        .withMessage(c.message())
        .withObservedGeneration(generation)
        .withLastTransitionTime(since)
        .build();
  }
}
