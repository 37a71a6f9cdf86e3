package dev.kelvin.operator.facts;

import java.util.Optional;

/**
 * What earlier reconciliations wrote into the status. May have been wiped, or be read late: writes
 * that depend on it are made under optimistic locking.
 */
public record Recorded(
    Optional<Founding> founding, Optional<Recovery> recovery, Optional<Operation> operation) {
  public static final Recorded NOTHING =
      new Recorded(Optional.empty(), Optional.empty(), Optional.empty());
}
