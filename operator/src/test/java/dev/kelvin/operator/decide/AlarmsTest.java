package dev.kelvin.operator.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operator.decide.Condition.Type;
import dev.kelvin.operator.facts.NodeStatus.Alarm;
import org.junit.jupiter.api.Test;

class AlarmsTest {
  private final Given given = Given.cluster(3);

  @Test
  void anAlarmIsSaidWithWhoseItIsAndWhatToDo() {
    given.alarms.add(new Alarm(102, "NOSPACE"));
    given.alarms.add(new Alarm(101, "NOSPACE"));
    var degraded = given.condition(Type.DEGRADED);
    assertTrue(degraded.holds());
    assertEquals("AlarmNoSpace", degraded.reason());
    assertTrue(
        degraded.message().startsWith("alarm NOSPACE of demo-1, demo-2: writes that add data"),
        degraded.message());
    assertTrue(degraded.message().contains("etcdctl alarm disarm"), degraded.message());
    assertTrue(given.condition(Type.AVAILABLE).holds());
    assertEquals("AsSpecified", given.waits());
  }

  @Test
  void theGravestAlarmIsTheReasonAndAllAreSaid() {
    given.alarms.add(new Alarm(100, "CORRUPT"));
    given.alarms.add(new Alarm(100, "NOSPACE"));
    given.alarms.add(new Alarm(100, "9"));
    var degraded = given.condition(Type.DEGRADED);
    assertEquals("AlarmCorrupt", degraded.reason());
    for (var type : new String[] {"CORRUPT", "NOSPACE", "9"}) {
      assertTrue(degraded.message().contains("alarm %s of demo-0".formatted(type)), type);
    }
  }

  @Test
  void alarmsOfMembersThatThereAreNotAreNamedByNumberAndAreNotAllNamed() {
    for (int i = 0; i < 900; i++) {
      given.alarms.add(new Alarm(0x1000 + i, "NOSPACE"));
    }
    var message = given.condition(Type.DEGRADED).message();
    assertTrue(message.contains("member 0000000000001000, "), message);
    assertTrue(message.contains(" and 893 more: "), message);
  }

  @Test
  void aDiskThatIsNearlyFullIsSaid() {
    given.pod(2).shortOfSpace = true;
    var degraded = given.condition(Type.DEGRADED);
    assertEquals("ShortOfDiskSpace", degraded.reason());
    assertTrue(degraded.message().startsWith("short of disk space: demo-2; "), degraded.message());
    given.pod(2).shortOfSpace = false;
    assertFalse(given.condition(Type.DEGRADED).holds());
  }

  @Test
  void aLostQuorumIsTheReasonWhateverAlarmStands() {
    given.alarms.add(new Alarm(101, "NOSPACE"));
    given.lose(1);
    given.lose(2);
    given.leader = -1;
    var degraded = given.condition(Type.DEGRADED);
    assertEquals("QuorumLost", degraded.reason());
    assertTrue(degraded.message().contains("alarm NOSPACE of demo-1"), degraded.message());
  }
}
