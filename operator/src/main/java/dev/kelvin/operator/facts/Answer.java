package dev.kelvin.operator.facts;

import java.time.Instant;

/** What came back when a node was asked for its status. */
public sealed interface Answer permits NodeStatus, Answer.Unreachable {
  /**
   * No answer in time, or one from another node than the one that was asked.
   *
   * @param since first of the tries in a row that failed
   */
  record Unreachable(Instant since) implements Answer {}
}
