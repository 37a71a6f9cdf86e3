package dev.kelvin.operator.children;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A port that nodes open only when told to. A node is told nothing of one that is shut: versions
 * that do not have it refuse a variable they do not know.
 */
enum Door {
  CACHE("cache", Names.CACHE_PORT, "KELVIN_LISTEN_CACHE", e -> e.protocols().cache()),
  JSON("json", Names.JSON_PORT, "KELVIN_LISTEN_JSON", e -> e.protocols().json());

  final String portName;
  final int port;

  /** By which a node is told where to listen. */
  final String variable;

  private final Predicate<Effective> asked;

  Door(String portName, int port, String variable, Predicate<Effective> asked) {
    this.portName = portName;
    this.port = port;
    this.variable = variable;
    this.asked = asked;
  }

  /** Those that a spec asks for. */
  static List<Door> open(Effective effective) {
    return Stream.of(values()).filter(d -> d.asked.test(effective)).toList();
  }
}
