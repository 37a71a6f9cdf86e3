package dev.kelvin.operator.act;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.operator.decide.Step;
import dev.kelvin.operator.facts.Founding;
import dev.kelvin.operator.facts.Recorded;
import dev.kelvin.operator.facts.Recovery;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ActorTest {
  private static final Founding FOUNDING = new Founding(7, 1000);
  private static final Recovery RECOVERY =
      new Recovery("night", Recovery.Outcome.BEGUN, 1, 101, 7, 8);

  @Test
  void aFoundingIsOnRecordWithTheStepThatSaysSo() {
    var after = new Recorded(Optional.of(FOUNDING), Optional.empty(), Optional.empty());
    assertEquals(after, Actor.recorded(Recorded.NOTHING, new Step.RecordFounding(FOUNDING)));
    assertEquals(after, Actor.recorded(Recorded.NOTHING, new Step.AdoptFounding(FOUNDING)));
  }

  @Test
  void aRecoveryIsRecordedBesideTheFounding() {
    var before = new Recorded(Optional.of(FOUNDING), Optional.empty(), Optional.empty());
    assertEquals(
        new Recorded(Optional.of(FOUNDING), Optional.of(RECOVERY), Optional.empty()),
        Actor.recorded(before, new Step.RecordRecovery(RECOVERY)));
  }

  @Test
  void otherStepsLeaveTheRecordAlone() {
    var before = new Recorded(Optional.of(FOUNDING), Optional.of(RECOVERY), Optional.empty());
    assertEquals(before, Actor.recorded(before, new Step.Bootstrap(0, FOUNDING)));
    assertEquals(before, Actor.recorded(before, new Step.Recover(RECOVERY)));
    assertEquals(before, Actor.recorded(before, new Step.MarkFounding(FOUNDING, true, List.of())));
  }
}
