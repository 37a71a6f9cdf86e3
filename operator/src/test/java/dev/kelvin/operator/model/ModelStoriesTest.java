package dev.kelvin.operator.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operator.decide.Condition;
import dev.kelvin.operator.decide.Decide;
import dev.kelvin.operator.decide.Step;
import dev.kelvin.operator.facts.NodeStatus;
import dev.kelvin.operator.facts.Recorded;
import dev.kelvin.operator.facts.Recovery;
import dev.kelvin.operator.facts.Wanted;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people fear, told to the model one story at a time. */
class ModelStoriesTest {
  private static final int SIZE = 3;

  private static Scenario threeMembers(long seed) {
    var scenario = new Scenario(seed, Decide::decide);
    var w = scenario.kube.wanted;
    scenario.kube.wanted =
        new Wanted(
            w.name(),
            w.generation(),
            SIZE,
            "template 0",
            false,
            false,
            10,
            false,
            true,
            w.founding(),
            w.recovery());
    scenario.peace(150);
    assertEquals(SIZE, scenario.raft.truth().voters().size(), scenario.story());
    return scenario;
  }

  private static void loseAllBut(Scenario scenario, int survivor) {
    for (int ordinal = 0; ordinal < SIZE; ordinal++) {
      if (ordinal != survivor) {
        scenario.kube.loseVolume(ordinal, ordinal % 2 == 0);
      }
    }
  }

  private static String condition(Scenario scenario, Condition.Type type) {
    return scenario.operator.last.conditions().stream()
        .filter(c -> c.type() == type)
        .map(Object::toString)
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aLostQuorumIsSaidWithWhatToDoAndNothingIsDoneAboutIt(long seed) {
    var scenario = threeMembers(seed);
    int survivor = (int) (seed % SIZE);
    loseAllBut(scenario, survivor);
    scenario.peace(200);
    assertEquals(
        "QuorumLost", ((Step.Wait) scenario.operator.last.step()).reason(), scenario.story());
    var said = condition(scenario, Condition.Type.DEGRADED);
    assertTrue(said.contains("1 of 3 voters answer"), said);
    assertTrue(said.contains("survivor: demo-" + survivor), said);
    assertEquals(1, scenario.raft.foundings.size());
    assertEquals(0, scenario.raft.recoveries);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aLostQuorumIsMendedOnceWhenAskedForByName(long seed) {
    var scenario = threeMembers(seed);
    long before = scenario.raft.truth().cluster();
    int survivor = (int) (seed % SIZE);
    loseAllBut(scenario, survivor);
    scenario.peace(20);
    scenario.wish("lost two", survivor);
    for (int i = 0; i < 300; i++) {
      if (i % 37 == 0) {
        scenario.kube.writeStatus(Recorded.NOTHING);
      }
      scenario.peace(1);
    }
    scenario.peace(100);
    var truth = scenario.raft.truth();
    assertEquals(1, scenario.raft.recoveries, scenario.story());
    assertTrue(truth.cluster() != before && truth.ancestors().contains(before));
    assertEquals(SIZE, truth.voters().size(), scenario.story());
    assertEquals("AsSpecified", ((Step.Wait) scenario.operator.last.step()).reason());

    // The wish is still there: another loss is another decision.
    loseAllBut(scenario, survivor);
    scenario.kube.writeStatus(Recorded.NOTHING);
    scenario.peace(200);
    assertEquals(1, scenario.raft.recoveries, scenario.story());
    assertEquals("QuorumLost", ((Step.Wait) scenario.operator.last.step()).reason());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aWishMadeWhileAQuorumAnswersIsSpent(long seed) {
    var scenario = threeMembers(seed);
    scenario.wish("too early", 1);
    scenario.peace(20);
    assertEquals(
        Recovery.Outcome.REFUSED,
        scenario.kube.status.recovery().orElseThrow().outcome(),
        scenario.story());
    loseAllBut(scenario, 1);
    scenario.peace(200);
    assertEquals(0, scenario.raft.recoveries, scenario.story());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void aResourceMadeAgainOverItsVolumesGoesOnAsTheSameCluster(long seed) {
    var scenario = threeMembers(seed);
    long before = scenario.raft.truth().cluster();
    scenario.kube.set = null;
    scenario.kube.pods.values().forEach(scenario.kube::delete);
    scenario.kube.pods.clear();
    scenario.kube.budget = 0;
    scenario.kube.writeStatus(Recorded.NOTHING);
    if (seed % 2 == 0) {
      // The first pod's volume is blank on top of it.
      scenario.kube.loseVolume(0, seed % 4 == 0);
    }
    scenario.peace(300);
    assertEquals(1, scenario.raft.foundings.size(), scenario.story());
    assertEquals(before, scenario.raft.truth().cluster());
    assertEquals("AsSpecified", ((Step.Wait) scenario.operator.last.step()).reason());
    assertEquals(SIZE, scenario.raft.truth().voters().size());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void aRolloutWithoutFaultsTransfersLeadershipExactlyOnce(long seed) {
    var scenario = threeMembers(seed);
    int before = scenario.raft.transfers;
    scenario.spec(Scenario.change(scenario.kube.wanted, SIZE, "template 1", 10, false));
    scenario.peace(300);
    assertEquals("AsSpecified", ((Step.Wait) scenario.operator.last.step()).reason());
    assertEquals(before + 1, scenario.raft.transfers, scenario.story());
    assertTrue(
        scenario.kube.pods.values().stream().allMatch(p -> p.revision.contains("template 1")));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void anAlarmIsSaidAsLongAsItStandsAndKeepsNothingFromBeingDone(long seed) {
    var scenario = threeMembers(seed);
    var first = scenario.raft.truth().voters().getFirst();
    scenario.raft.alarms = List.of(new NodeStatus.Alarm(first.id(), "NOSPACE"));
    scenario.spec(Scenario.change(scenario.kube.wanted, 5, "template 1", 10, false));
    scenario.peace(400);
    assertEquals("AsSpecified", ((Step.Wait) scenario.operator.last.step()).reason());
    assertEquals(5, scenario.raft.truth().voters().size(), scenario.story());
    var said = condition(scenario, Condition.Type.DEGRADED);
    assertTrue(said.contains("AlarmNoSpace"), said);
    assertTrue(said.contains("alarm NOSPACE of demo-" + first.ordinal()), said);
    scenario.raft.alarms = List.of();
    scenario.peace(1);
    assertTrue(condition(scenario, Condition.Type.DEGRADED).contains("AllWell"));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void aBadTemplateStopsAtTheFirstPodAndSettingItBackMendsIt(long seed) {
    var scenario = threeMembers(seed);
    scenario.spec(Scenario.change(scenario.kube.wanted, SIZE, "bad 1", 10, false));
    scenario.peace(400);
    assertEquals(
        1,
        scenario.kube.pods.values().stream().filter(p -> p.revision.contains("bad")).count(),
        scenario.story());
    assertTrue(
        condition(scenario, Condition.Type.PROGRESSING).contains("DeadlineExceeded"),
        condition(scenario, Condition.Type.PROGRESSING));
    assertTrue(scenario.raft.leader().isPresent());
    scenario.spec(Scenario.change(scenario.kube.wanted, SIZE, "template 0", 10, false));
    scenario.peace(200);
    assertEquals("AsSpecified", ((Step.Wait) scenario.operator.last.step()).reason());
  }
}
