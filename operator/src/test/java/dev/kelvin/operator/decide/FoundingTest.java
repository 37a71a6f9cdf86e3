package dev.kelvin.operator.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operator.decide.Step.ClaimId;
import dev.kelvin.operator.facts.Founding;
import dev.kelvin.operator.facts.NodeStatus.State;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FoundingTest {
  private static final Founding FRESH = new Founding(Given.FRESH, 1000);

  @Test
  void theChildrenComeFirst() {
    var given = Given.unfounded(3);
    given.set = false;
    given.pods.clear();
    given.claims.clear();
    given.budget = 0;
    assertEquals(new Step.ApplyChildren(3, 2, 10), given.step());
  }

  @Test
  void theFoundingIsRecordedBeforeItIsCarriedOut() {
    assertEquals(new Step.RecordFounding(FRESH), Given.unfounded(3).step());
  }

  @Test
  void thenStatefulSetAndClaimsAreMarked() {
    var given = Given.unfounded(1);
    given.recorded = Optional.of(FRESH);
    assertEquals(
        new Step.MarkFounding(FRESH, true, List.of(new ClaimId(0, "claim-0"))), given.step());
  }

  @Test
  void thenTheVeryDiskItWasRecordedForFounds() {
    var given = Given.unfounded(3);
    given.recorded = Optional.of(FRESH);
    given.marked = given.recorded;
    given.claims.replaceAll((o, c) -> Given.claim(o, given.recorded, 10, true));
    assertEquals(new Step.Bootstrap(0, FRESH), given.step());
  }

  @Test
  void itIsNotCarriedOutWhileAClaimIsNotThereToBeMarked() {
    var given = Given.unfounded(1);
    given.recorded = Optional.of(FRESH);
    given.marked = given.recorded;
    given.claims.clear();
    assertEquals("MarksMissing", given.waits());
  }

  @Test
  void nothingIsFoundedWhileANodeThatStartedDoesNotAnswer() {
    var given = Given.unfounded(3);
    given.pod(2).unreachable();
    assertEquals("PodsStarting", given.waits());
  }

  @Test
  void aPodThatCannotStartDoesNotHoldTheFoundingUp() {
    var given = Given.unfounded(3);
    given.pod(2).down();
    given.pod(2).started = false;
    assertEquals(new Step.RecordFounding(FRESH), given.step());
  }

  @Test
  void aNodeThatJoinsAlreadyIsNotTheFounder() {
    var given = Given.unfounded(1);
    given.pod(0).state = State.JOINING;
    assertEquals("PodsStarting", given.waits());
  }

  @Test
  void aMarkOnTheStatefulSetIsAdopted() {
    var given = Given.unfounded(3);
    given.marked = Optional.of(Given.FOUNDING);
    assertEquals(new Step.AdoptFounding(Given.FOUNDING), given.step());
  }

  @Test
  void aMarkOnOneRetainedClaimIsAdopted() {
    var given = Given.unfounded(3);
    given.claims.put(4, Given.claim(4, Optional.of(Given.FOUNDING), 10, true));
    assertEquals(new Step.AdoptFounding(Given.FOUNDING), given.step());
  }

  @Test
  void aNodeWithDataIsAdopted() {
    var given = Given.cluster(3);
    given.recorded = Optional.empty();
    given.marked = Optional.empty();
    given.claims.replaceAll((o, c) -> Given.claim(o, Optional.empty(), 10, true));
    assertEquals(new Step.AdoptFounding(Given.FOUNDING), given.step());
  }

  @Test
  void tracesOfTwoClustersAreAPersonsBusiness() {
    var given = Given.unfounded(3);
    given.claims.put(1, Given.claim(1, Optional.of(Given.FOUNDING), 10, true));
    given.claims.put(2, Given.claim(2, Optional.of(new Founding(8, 1)), 10, true));
    assertEquals("FoundingsConflict", given.waits());
    assertTrue(given.condition(Condition.Type.DEGRADED).holds());
  }

  @Test
  void anEmptyDiskInTheFoundersPlaceFoundsNothing() {
    var given = Given.cluster(1);
    given.pod(0).blank(5555);
    assertEquals("DataGone", given.waits());
    var degraded = given.condition(Condition.Type.DEGRADED);
    assertTrue(degraded.message().contains("no pod holds its data"), degraded.message());
    assertEquals("NoMemberAnswers", given.condition(Condition.Type.AVAILABLE).reason());
  }

  @Test
  void whileANodeDoesNotAnswerItMayHoldTheData() {
    var given = Given.cluster(3);
    given.pod(0).blank(5555);
    given.pod(1).unreachable();
    given.pod(2).blank(6666);
    assertEquals("PodsStarting", given.waits());
  }

  @Test
  void soMayOneThatStops() {
    var given = Given.cluster(1);
    given.pod(0).state = State.STOPPING;
    assertEquals("PodsStarting", given.waits());
  }

  @Test
  void aStatefulSetOfADeletedResourceIsWaitedOut() {
    var given = Given.cluster(3);
    given.recorded = Optional.empty();
    given.ours = false;
    assertEquals("ForeignStatefulSet", given.waits());
  }

  @Test
  void pausedMeansNothing() {
    var given = Given.unfounded(3);
    given.paused = true;
    assertEquals("Paused", given.waits());
  }
}
