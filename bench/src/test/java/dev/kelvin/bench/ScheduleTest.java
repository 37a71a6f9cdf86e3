package dev.kelvin.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ScheduleTest {
  @Test
  void spacesRequestsEvenlyFromTheStart() {
    var schedule = new Schedule(1_000, 4_000);
    assertEquals(1_000, schedule.intended(0));
    assertEquals(251_000, schedule.intended(1));
    assertEquals(1_000_001_000L, schedule.intended(4_000));
  }

  @Test
  void doesNotDriftOverManyRequestsAtARateThatDividesNoSecond() {
    var schedule = new Schedule(0, 3);
    assertEquals(1_000_000_000_000L, schedule.intended(3_000));
  }

  @Test
  void refusesARateThatIsNotPositive() {
    assertThrows(IllegalArgumentException.class, () -> new Schedule(0, 0));
    assertThrows(IllegalArgumentException.class, () -> new Schedule(0, Double.NaN));
  }
}
