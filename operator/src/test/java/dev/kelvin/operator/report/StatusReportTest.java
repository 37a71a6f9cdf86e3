package dev.kelvin.operator.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.operator.crd.KvClusterStatus;
import dev.kelvin.operator.crd.KvClusterStatus.Role;
import dev.kelvin.operator.decide.Condition;
import dev.kelvin.operator.decide.Condition.Type;
import dev.kelvin.operator.decide.Decision;
import dev.kelvin.operator.decide.Step;
import dev.kelvin.operator.decide.Summary;
import dev.kelvin.operator.decide.Summary.OneMember;
import dev.kelvin.operator.facts.Facts;
import dev.kelvin.operator.facts.Founding;
import dev.kelvin.operator.facts.Operation;
import dev.kelvin.operator.facts.Operation.Kind;
import dev.kelvin.operator.facts.Recorded;
import dev.kelvin.operator.facts.Recovery;
import dev.kelvin.operator.facts.StatefulSet;
import dev.kelvin.operator.facts.Wanted;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusReportTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final Recorded RECORDED =
      new Recorded(
          Optional.of(new Founding(-7, 1000)),
          Optional.of(new Recovery("a b", Recovery.Outcome.DONE, 2, -1, 5, -7)),
          Optional.of(
              new Operation(
                  Kind.SCALE_UP, "5 members", 5, "members 0, 1", NOON, NOON.plusSeconds(600))));

  private static KvClusterStatus report(boolean available, KvClusterStatus before, Instant now) {
    var facts =
        new Facts(
            new Wanted(
                "demo", 4, 5, "", false, false, 1, false, true, Optional.empty(), Optional.empty()),
            RECORDED,
            Optional.of(
                new StatefulSet(
                    5, "r", true, "", Optional.empty(), Optional.empty(), 1, false, true)),
            List.of(),
            List.of(),
            3,
            1);
    var decision =
        new Decision(
            new Step.Wait("x", "y"),
            RECORDED.operation(),
            List.of(new Condition(Type.AVAILABLE, available, "Why", "because")),
            new Summary(
                RECORDED.founding(),
                Optional.of(1),
                List.of(
                    new OneMember(
                        255, 1, Summary.Role.LEADER, true, Optional.of(0L), Optional.of("1.0")),
                    new OneMember(
                        -2, -1, Summary.Role.LEARNER, false, Optional.empty(), Optional.empty())),
                1,
                Optional.of("1.0")));
    return StatusReport.status(facts, RECORDED, decision, before, Map.of("b", "2", "a", "1"), now);
  }

  @Test
  void theStatusSaysWhatThereIsToSay() {
    var status = report(true, null, NOON);
    assertEquals(4L, status.observedGeneration());
    assertEquals(5, status.replicas());
    assertEquals(1, status.readyReplicas());
    assertEquals("a=1,b=2", status.selector());
    assertEquals("demo-1", status.leader());
    assertEquals("1.0", status.version());
    assertEquals("fffffffffffffff9", status.clusterId());
    var leader = status.members().getFirst();
    assertEquals("demo-1", leader.pod());
    assertEquals("00000000000000ff", leader.id());
    assertEquals(Role.Leader, leader.role());
    var foreign = status.members().get(1);
    assertEquals("", foreign.pod());
    assertEquals(Role.Learner, foreign.role());
    assertNull(foreign.lag());
    assertEquals("ScaleUp", status.operation().kind());
    assertEquals("demo-2", status.recovery().survivor());
  }

  @Test
  void whatIsRememberedComesBackAsItWasWritten() {
    var text = Serialization.asYaml(report(true, null, NOON));
    assertEquals(RECORDED, Records.read(Serialization.unmarshal(text, KvClusterStatus.class)));
    assertEquals(Recorded.NOTHING, Records.read(null));
  }

  @Test
  void soItDoesAsAnnotation() {
    var founding = RECORDED.founding().orElseThrow();
    assertEquals(founding, Records.founding(Records.mark(founding)));
    var recovery = RECORDED.recovery().orElseThrow();
    assertEquals(recovery, Records.recovery(Records.mark(recovery)));
    assertThrows(IllegalArgumentException.class, () -> Records.founding("12"));
    assertThrows(IllegalArgumentException.class, () -> Records.founding("x/y"));
    assertThrows(IllegalArgumentException.class, () -> Records.recovery("DONE 1"));
  }

  @Test
  void aConditionsTimeIsThatOfItsLastChange() {
    var first = report(true, null, NOON);
    var condition = first.conditions().getFirst();
    assertEquals("Available", condition.getType());
    assertEquals("True", condition.getStatus());
    assertEquals("Why", condition.getReason());
    assertEquals(4L, condition.getObservedGeneration());
    assertEquals("2026-01-01T12:00:00Z", condition.getLastTransitionTime());
    var same = report(true, first, NOON.plusSeconds(60));
    assertEquals("2026-01-01T12:00:00Z", same.conditions().getFirst().getLastTransitionTime());
    var other = report(false, same, NOON.plusSeconds(90));
    assertEquals("2026-01-01T12:01:30Z", other.conditions().getFirst().getLastTransitionTime());
  }
}
