package dev.kelvin.app;

import static dev.kelvin.app.Exposition.Type.COUNTER;
import static dev.kelvin.app.Exposition.Type.GAUGE;

import dev.kelvin.api.cache.DoorMeter;
import java.util.List;
import java.util.Locale;

/** What the plain TCP doors counted, those that are open. */
final class TcpSeries {
  private static final String DOOR = "door";

  private TcpSeries() {}

  static void write(Exposition page, List<DoorMeter> doors) {
    if (doors.isEmpty()) {
      return;
    }
    page.family(GAUGE, "kelvin_tcp_connections", "Connections of a TCP door.");
    doors.forEach(door -> page.value(door.connections(), DOOR, door.door()));
    page.family(COUNTER, "kelvin_tcp_connections_total", "What became of connections.");
    for (var door : doors) {
      page.value(door.accepted(), DOOR, door.door(), "outcome", "accepted");
      page.value(door.refused(), DOOR, door.door(), "outcome", "refused");
      page.value(door.timedOut(), DOOR, door.door(), "outcome", "too_slow");
    }
    page.family(COUNTER, "kelvin_tcp_requests_total", "Requests answered, by result.");
    for (var door : doors) {
      for (var result : DoorMeter.Result.values()) {
        var name = result.name().toLowerCase(Locale.ROOT);
        page.value(door.answered(result), DOOR, door.door(), "result", name);
      }
    }
  }
}
