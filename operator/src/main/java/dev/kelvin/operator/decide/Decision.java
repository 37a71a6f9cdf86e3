package dev.kelvin.operator.decide;

import dev.kelvin.operator.facts.Operation;
import java.util.List;
import java.util.Optional;

/**
 * What to do and what to say.
 *
 * @param operation in flight, to be latched in the status
 */
public record Decision(
    Step step, Optional<Operation> operation, List<Condition> conditions, Summary summary) {
  public Decision {
    conditions = List.copyOf(conditions);
  }
}
