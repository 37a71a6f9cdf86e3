package dev.kelvin.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static final int KINDS = FaultKind.values().length;

  @Test
  void theSameSeedGivesTheSameSteps() {
    assertEquals(steps(new Schedule(7, true)), steps(new Schedule(7, true)));
    assertNotEquals(steps(new Schedule(7, true)), steps(new Schedule(8, true)));
  }

  @Test
  void noKindIsLeftOutForLongerThanADeck() {
    var schedule = new Schedule(3, true);
    for (int deck = 0; deck < 5; deck++) {
      var kinds = EnumSet.noneOf(FaultKind.class);
      for (int i = 0; i < KINDS; i++) {
        kinds.add(schedule.next().kind());
      }
      assertEquals(EnumSet.allOf(FaultKind.class), kinds);
    }
  }

  @Test
  void whereLinksCannotBeCutNoneIs() {
    var schedule = new Schedule(3, false);
    assertEquals(0, steps(schedule).stream().filter(step -> step.kind().cutsLinks()).count());
  }

  private static List<Schedule.Step> steps(Schedule schedule) {
    return Stream.generate(schedule::next).limit(3L * KINDS).toList();
  }
}
