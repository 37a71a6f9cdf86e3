package dev.kelvin.operator.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operator.decide.Step.ClaimId;
import dev.kelvin.operator.facts.Operation;
import dev.kelvin.operator.facts.Operation.Kind;
import dev.kelvin.operator.facts.Wanted.RecoveryWish;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RolloutTest {
  private static int deleted(Given given) {
    return assertInstanceOf(Step.DeletePod.class, given.step()).ordinal();
  }

  @Test
  void followersGoFirstTheHighestBeforeTheLower() {
    var given = Given.cluster(3);
    given.outdated(0, 1, 2);
    assertEquals(2, deleted(given));
    given.pod(2).revision = "new";
    assertEquals(1, deleted(given));
  }

  @Test
  void theLeaderGoesLastAfterHandingOverToOneThatIsNew() {
    var given = Given.cluster(3);
    given.leader = 1;
    given.outdated(1);
    assertEquals(
        new Step.Transfer(Given.CLUSTER, 100, 0, "demo-1 is to be made anew"), given.step());
    given.leader = 0;
    assertEquals(1, deleted(given));
  }

  @Test
  void theNextPodWaitsUntilTheLastIsWell() {
    var given = Given.cluster(3);
    given.outdated(0, 1);
    given.pod(2).ready = false;
    assertEquals("PodNotWell", given.waits());
    given.pods.remove(2);
    assertEquals("PodRestarts", given.waits());
  }

  @Test
  void aPodThatDoesNotStartStopsTheRolloutAndTheConditionsSayWhy() {
    var given = Given.cluster(3);
    given.outdated(0, 1);
    given.lose(2);
    given.pod(2).running = false;
    given.pod(2).trouble = "ImagePullBackOff: no such image";
    assertEquals("PodNotWell", given.waits());
    var progressing = given.condition(Condition.Type.PROGRESSING).message();
    assertTrue(progressing.contains("demo-2"), progressing);
    assertTrue(progressing.contains("(ImagePullBackOff: no such image)"), progressing);
    var degraded = given.condition(Condition.Type.DEGRADED);
    assertTrue(degraded.holds());
    assertEquals("PodsNotRunning", degraded.reason());
    assertTrue(
        degraded.message().contains("demo-2 does not run: ImagePullBackOff: no such image"),
        degraded.message());
  }

  @Test
  void onePodIsAsMuchAsThreeCanMiss() {
    var given = Given.cluster(3);
    given.outdated(0, 1, 2);
    given.lose(1);
    given.pod(1).running = true;
    assertEquals(1, deleted(given), "the one that is not well anyway");
    given.pod(1).revision = "new";
    assertEquals("PodNotWell", given.waits());
  }

  @Test
  void aPodThatCannotRunGetsThePresentTemplateWhateverElseGoesOn() {
    var given = Given.cluster(3);
    given.outdated(2);
    given.lose(2);
    given.replicas = 5;
    given.setSize = 5;
    given.budget = 3;
    assertEquals(2, deleted(given));
  }

  @Test
  void aPodThatRunsAndOnlyTheOperatorCannotReachIsLeftAlone() {
    var given = Given.cluster(3);
    given.outdated(2);
    given.pod(2).unreachable = Given.NOW.minusSeconds(30);
    assertEquals("QuorumAtRisk", givenWithAnotherDown(given).waits());
  }

  private static Given givenWithAnotherDown(Given given) {
    given.lose(1);
    given.pod(1).running = true;
    given.outdated(1);
    return given;
  }

  @Test
  void theOnlyMemberIsRestartedUnlessItsDataWouldEnd() {
    var given = Given.cluster(1);
    given.outdated(0);
    assertEquals(0, deleted(given));
    given.ephemeral = true;
    assertEquals("DataWouldBeLost", given.waits());
  }

  @Test
  void aRolloutKeepsTheSizeItBeganWith() {
    var given = Given.cluster(3);
    given.outdated(0, 1);
    given.operation = given.decision().operation();
    assertEquals(Kind.ROLLOUT, given.operation.orElseThrow().kind());
    given.replicas = 5;
    assertEquals(1, deleted(given));
    given.outdated();
    given.pod(0).revision = "new";
    given.pod(1).revision = "new";
    assertEquals(new Step.ApplyChildren(5, 3, 10), given.step());
    assertEquals(Kind.SCALE_UP, given.decision().operation().orElseThrow().kind());
  }

  private static Given stuck() {
    var given = Given.cluster(3);
    given.outdated(0, 1);
    given.pod(2).ready = false;
    var began = given.decision().operation().orElseThrow();
    given.operation =
        Optional.of(
            new Operation(
                began.kind(),
                began.target(),
                began.members(),
                began.progress(),
                Given.NOW.minusSeconds(3600),
                Given.NOW.minusSeconds(1)));
    return given;
  }

  @Test
  void pastItsDeadlineItSaysWhyAndNothingElseBegins() {
    var given = stuck();
    given.replicas = 5;
    assertEquals("PodNotWell", given.waits());
    assertEquals(given.operation, given.decision().operation());
    var progressing = given.condition(Condition.Type.PROGRESSING);
    assertFalse(progressing.holds());
    assertEquals("DeadlineExceeded", progressing.reason());
    assertTrue(progressing.message().contains("demo-2"), progressing.message());
    assertTrue(given.condition(Condition.Type.DEGRADED).holds());
  }

  @Test
  void whenTheCauseIsGoneItGoesOn() {
    var given = stuck();
    given.pod(2).ready = true;
    assertEquals(1, deleted(given));
  }

  @Test
  void aStepForwardGivesItTimeAnew() {
    var given = stuck();
    given.pod(1).revision = "new";
    var operation = given.decision().operation().orElseThrow();
    assertTrue(operation.deadline().isAfter(Given.NOW));
    assertEquals(given.operation.orElseThrow().since(), operation.since());
  }

  @Test
  void volumesGrowBeforeTheTemplateIsRenewed() {
    var given = Given.cluster(1);
    given.wantedBytes = 20;
    assertEquals(new Step.GrowVolume(new ClaimId(0, "claim-0"), 20), given.step());
    given.claims.put(0, Given.claim(0, given.marked, 20, true));
    assertEquals(new Step.RenewStatefulSet(), given.step());
    given.set = false;
    assertEquals(new Step.ApplyChildren(1, 0, 20), given.step());
  }

  @Test
  void aVolumeThatCannotGrowIsSaid() {
    var given = Given.cluster(1);
    given.wantedBytes = 20;
    given.volumeBytes = 20;
    given.claims.put(0, Given.claim(0, given.marked, 10, false));
    assertEquals("VolumeCannotGrow", given.waits());
    assertTrue(given.condition(Condition.Type.DEGRADED).holds());
    assertTrue(given.condition(Condition.Type.DEGRADED).message().contains("demo-0"));
    assertTrue(given.condition(Condition.Type.AVAILABLE).holds());
  }

  @Test
  void newVolumesHaveTheNewSizeAlthoughTheOthersCannotGrow() {
    var given = Given.cluster(1);
    given.wantedBytes = 20;
    given.claims.put(0, Given.claim(0, given.marked, 10, false));
    assertEquals(new Step.RenewStatefulSet(), given.step());
  }

  @Test
  void aVolumeThatCannotGrowKeepsNothingElseFromBeingDone() {
    var given = Given.cluster(3);
    given.wantedBytes = 20;
    given.volumeBytes = 20;
    for (int ordinal = 0; ordinal < 3; ordinal++) {
      given.claims.put(ordinal, Given.claim(ordinal, given.marked, 10, false));
    }
    given.outdated(0, 1, 2);
    assertInstanceOf(Step.DeletePod.class, given.step());
    assertEquals(Kind.ROLLOUT, given.decision().operation().orElseThrow().kind());
  }

  /** Two of three gone. */
  private static Given quorumLost() {
    var given = Given.cluster(3);
    given.leader = -1;
    given.pod(0).lastIndex = 400;
    given.pod(2).down();
    given.pod(1).blank(5555);
    return given;
  }

  @Test
  void aLostQuorumNamesTheSurvivorWithTheMost() {
    var given = quorumLost();
    assertEquals("QuorumLost", given.waits());
    var degraded = given.condition(Condition.Type.DEGRADED);
    assertTrue(degraded.message().contains("survivor: demo-0"), degraded.message());
    assertTrue(degraded.message().contains("entry 400"), degraded.message());
    assertFalse(given.condition(Condition.Type.AVAILABLE).holds());
  }

  @Test
  void aRecoveryIsRecordedBeforeItIsCarriedOut() {
    var given = quorumLost();
    given.wish = Optional.of(new RecoveryWish("night", 0));
    var recovery = assertInstanceOf(Step.RecordRecovery.class, given.step()).recovery();
    assertEquals(100, recovery.member());
    assertEquals(Given.FRESH, recovery.to());
    given.recovery = Optional.of(recovery);
    assertEquals(new Step.Recover(recovery), given.step());
  }

  @Test
  void aSurvivorWithLessIsNotTaken() {
    var given = Given.cluster(5);
    given.leader = -1;
    given.pod(2).down();
    given.pod(3).down();
    given.pod(4).down();
    given.pod(0).lastIndex = 400;
    given.wish = Optional.of(new RecoveryWish("night", 0));
    assertEquals("RecoveryWaits", given.waits());
    given.wish = Optional.of(new RecoveryWish("night", 1));
    assertInstanceOf(Step.RecordRecovery.class, given.step());
  }
}
