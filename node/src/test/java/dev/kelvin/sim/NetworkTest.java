package dev.kelvin.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.sim.Network.Weather;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NetworkTest {
  private final Scheduler scheduler = new Scheduler();
  private final Tally tally = new Tally();
  private final Network network = new Network(scheduler, new Seeds(5).of("network"), tally, 3);
  private final List<Integer> arrived = new ArrayList<>();

  @Test
  void keepsTheOrderOfAStreamInFairWeather() {
    send(50, true);
    assertEquals(IntStream.range(0, 50).boxed().toList(), arrived);
  }

  @Test
  void dropsDuplicatesAndReordersInBadWeather() {
    network.weather(new Weather(0.2, 0.2, 1000, 0.3, 0.2));
    send(500, true);
    assertTrue(tally.of(Happening.DROPPED) > 0, "some dropped");
    assertTrue(tally.of(Happening.DUPLICATED) > 0, "some duplicated");
    assertEquals(
        500 - tally.of(Happening.DROPPED) + tally.of(Happening.DUPLICATED), arrived.size());
    assertNotEquals(arrived.stream().sorted().toList(), arrived, "some overtook others");
  }

  @Test
  void neverRepeatsWhatTheStreamPromisesToDeliverOnce() {
    network.weather(new Weather(0, 0, 0, 0, 1));
    send(50, false);
    assertEquals(50, arrived.size());
  }

  @Test
  void cutsOneDirectionOnly() {
    network.cut(0, 1);
    send(1, true);
    network.send(1, 0, true, () -> arrived.add(77));
    run();
    assertEquals(List.of(77), arrived);
    network.mend();
    send(1, true);
    assertEquals(List.of(77, 0), arrived);
  }

  @Test
  void losesWhatWasOnTheWayWhenTheLinkIsCut() {
    network.send(0, 1, true, () -> arrived.add(1));
    network.cut(0, 1);
    run();
    assertEquals(List.of(), arrived);
  }

  private void send(int messages, boolean mayRepeat) {
    for (int i = 0; i < messages; i++) {
      int number = i;
      network.send(0, 1, mayRepeat, () -> arrived.add(number));
    }
    run();
  }

  private void run() {
    while (scheduler.step()) {}
  }
}
