package dev.kelvin.operator.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operator.facts.Founding;
import dev.kelvin.operator.facts.NodeStatus.State;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A cluster that is to be founded from a snapshot, and one that was. */
class SnapshotFoundingTest {
  private static final Founding FRESH = new Founding(Given.FRESH, 1000);
  private static final String SHOWING = "digest with snapshot";

  /** One pod that waits and is shown the snapshot; three are wanted. */
  private static Given unfounded() {
    var given = Given.unfounded(1);
    given.replicas = 3;
    given.budget = 2;
    given.founding = Optional.of(SHOWING);
    given.children = SHOWING;
    given.setSnapshot = true;
    return given;
  }

  /** The same, recorded and marked. */
  private static Given recorded() {
    var given = unfounded();
    given.recorded = Optional.of(FRESH);
    given.marked = given.recorded;
    given.claims.replaceAll((o, c) -> Given.claim(o, given.recorded, 10, true));
    return given;
  }

  @Test
  void onePodIsMadeThatIsShownTheSnapshot() {
    var given = unfounded();
    given.set = false;
    given.pods.clear();
    given.claims.clear();
    given.budget = 0;
    assertEquals(new Step.ApplyChildren(1, 2, 10, true), given.step());
  }

  @Test
  void theFoundingIsRecordedFirst() {
    assertEquals(new Step.RecordFounding(FRESH), unfounded().step());
  }

  @Test
  void thenItIsCarriedOutFromTheSnapshot() {
    assertEquals(new Step.Bootstrap(0, FRESH, true), recorded().step());
  }

  @Test
  void whileTheNodeReadsTheFileItIsWaitedFor() {
    var given = recorded();
    given.pod(0).state = State.RESTORING;
    assertEquals("Restoring", given.waits());
    assertEquals("NotFounded", given.condition(Condition.Type.AVAILABLE).reason());
  }

  @Test
  void whatTheNodeSaysOfTheFileIsSaidAndItIsAskedAgain() {
    var given = recorded();
    given.pod(0).refusal = "there is no file /var/lib/kelvin-snapshot/monday.db";
    assertEquals(new Step.Bootstrap(0, FRESH, true), given.step());
    var degraded = given.condition(Condition.Type.DEGRADED);
    assertTrue(degraded.holds());
    assertEquals("SnapshotRefused", degraded.reason());
    assertEquals("demo-0: there is no file /var/lib/kelvin-snapshot/monday.db", degraded.message());
  }

  @Test
  void aPodThatWasMadeBeforeTheSnapshotWasNamedIsMadeAnew() {
    for (var given : new Given[] {unfounded(), recorded()}) {
      given.outdated(0);
      assertEquals(0, assertInstanceOf(Step.DeletePod.class, given.step()).ordinal());
    }
  }

  @Test
  void aSnapshotThatIsNamedLateIsShownToThePodsThereAre() {
    var given = Given.unfounded(3);
    given.founding = Optional.of(SHOWING);
    assertEquals(new Step.ApplyChildren(3, 2, 10, true), given.step());
  }

  @Test
  void onceItIsFoundedTheOthersAreMadeAndNobodyIsShownTheSnapshot() {
    var given = Given.cluster(1);
    given.replicas = 3;
    given.budget = 2;
    given.founding = Optional.of(SHOWING);
    given.children = SHOWING;
    given.setSnapshot = true;
    assertEquals(new Step.ApplyChildren(3, 2, 10, false), given.step());
  }

  @Test
  void aClusterThatIsFoundedIsNotFoundedAgain() {
    var given = Given.cluster(3);
    given.founding = Optional.of(SHOWING);
    assertEquals("AsSpecified", given.waits());
    given.pods.values().forEach(Given.APod::unreachable);
    assertInstanceOf(Step.Wait.class, given.step());
    given.set = false;
    assertEquals(new Step.ApplyChildren(3, 2, 10, false), given.step());
  }

  @Test
  void anEmptyDiskInTheFoundersPlaceIsNotShownTheSnapshot() {
    var given = Given.cluster(1);
    given.founding = Optional.of(SHOWING);
    given.pod(0).blank(5555);
    assertEquals("DataGone", given.waits());
  }

  @Test
  void theOnlyDataAreNotGivenUpToTakeTheSnapshotAway() {
    var given = Given.cluster(1);
    given.ephemeral = true;
    given.founding = Optional.of(SHOWING);
    given.children = SHOWING;
    given.setSnapshot = true;
    assertEquals("AsSpecified", given.waits());
  }
}
