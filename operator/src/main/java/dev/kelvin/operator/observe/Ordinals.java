package dev.kelvin.operator.observe;

import java.util.Optional;

/** Ordinals in names. */
final class Ordinals {
  private Ordinals() {}

  /** Of {@code PREFIX-3}; empty for any other name. */
  static Optional<Integer> of(String prefix, String name) {
    var ordinal = name.startsWith(prefix + "-") ? name.substring(prefix.length() + 1) : "";
    return ordinal.matches("0|[1-9][0-9]{0,5}")
        ? Optional.of(Integer.valueOf(ordinal))
        : Optional.empty();
  }
}
