package dev.kelvin.operator.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operator.crd.KvClusterStatus;
import dev.kelvin.operator.decide.Condition;
import dev.kelvin.operator.decide.Condition.Type;
import dev.kelvin.operator.decide.Step;
import dev.kelvin.operator.decide.Step.ClaimId;
import dev.kelvin.operator.facts.Founding;
import dev.kelvin.operator.facts.Recovery;
import dev.kelvin.operator.facts.Recovery.Outcome;
import dev.kelvin.operator.facts.Wanted;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StoryTest {
  private static final Wanted WANTED =
      new Wanted(
          "demo", 1, 3, "", false, false, 1, false, true, Optional.empty(), Optional.empty());

  private static String tell(Step step) {
    return Story.of(WANTED, step)
        .map(s -> (s.warning() ? "! " : "") + s.reason() + ": " + s.message())
        .orElse("");
  }

  @Test
  void aFoundingIsToldInOrder() {
    var founding = new Founding(255, 1);
    assertEquals(
        List.of(
            "ChildrenApplied: applies the children, with 3 pods",
            "FoundingRecorded: cluster 00000000000000ff is to be founded",
            "",
            "Founded: demo-0 founds cluster 00000000000000ff",
            "Joining: demo-1 is to join",
            "Promoted: learner 000000000000000b is to be a voter",
            ""),
        List.of(
            tell(new Step.ApplyChildren(3, 2, 10)),
            tell(new Step.RecordFounding(founding)),
            tell(new Step.MarkFounding(founding, true, List.of())),
            tell(new Step.Bootstrap(0, founding)),
            tell(new Step.Join(1, 5, List.of())),
            tell(new Step.Promote(255, 11)),
            tell(new Step.Wait("AsSpecified", "well"))));
  }

  @Test
  void whatHappensToAPodNamesItAndSaysWhy() {
    assertEquals(
        "MemberRemoved: removes member 000000000000000c of demo-2: its pod came back empty",
        tell(new Step.Remove(255, 12, 2, "its pod came back empty")));
    assertEquals(
        "LeaderMoved: moves leadership to demo-0: demo-2 is to leave",
        tell(new Step.Transfer(255, 10, 0, "demo-2 is to leave")));
    assertEquals(
        "PodRenewed: deletes demo-1: its template has changed",
        tell(new Step.DeletePod(1, "u", "5", "its template has changed")));
    assertTrue(tell(new Step.DeleteClaim(new ClaimId(4, "c"))).contains("demo-4"));
    assertTrue(tell(new Step.GrowVolume(new ClaimId(4, "c"), 7)).contains("7 bytes"));
    assertTrue(tell(new Step.SetAside(3, 12)).contains("demo-3"));
    assertTrue(tell(new Step.RenewStatefulSet()).contains("leaves its pods"));
    assertEquals("", tell(new Step.LabelLeader(1)));
  }

  @Test
  void anAlarmIsToldOnceAndThenByTheConditionOnly() {
    var alarm = new Condition(Type.DEGRADED, true, "AlarmNoSpace", "alarm NOSPACE of demo-0");
    assertEquals(
        new Story("AlarmNoSpace", "alarm NOSPACE of demo-0", true),
        Story.of(null, alarm).orElseThrow());
    assertTrue(Story.of(status("MembersUnhealthy"), alarm).isPresent());
    assertEquals(Optional.empty(), Story.of(status("AlarmNoSpace"), alarm));
    var ill = new Condition(Type.DEGRADED, true, "MembersUnhealthy", "not healthy: demo-0");
    assertEquals(Optional.empty(), Story.of(null, ill));
  }

  private static KvClusterStatus status(String reason) {
    var degraded = new ConditionBuilder().withType("Degraded").withReason(reason).build();
    return new KvClusterStatus(
        1L, List.of(degraded), 3, 3, "", null, null, null, null, null, null, null);
  }

  @Test
  void whatIsOutOfTheOrdinaryIsAWarning() {
    var recovery = new Recovery("night", Outcome.BEGUN, 1, 11, 5, 255);
    assertEquals(
        "! RecoveryBegun: recovery night begins with demo-1",
        tell(new Step.RecordRecovery(recovery)));
    assertEquals(
        "! Recovering: demo-1 goes on alone as cluster 00000000000000ff",
        tell(new Step.Recover(recovery)));
    assertEquals(
        "RecoveryDone: recovery night is done",
        tell(new Step.RecordRecovery(recovery.with(Outcome.DONE))));
    assertTrue(
        tell(new Step.RecordRecovery(recovery.with(Outcome.REFUSED)))
            .startsWith("! RecoveryRefused"));
    assertTrue(tell(new Step.AdoptFounding(new Founding(255, 1))).startsWith("! FoundingAdopted"));
  }
}
