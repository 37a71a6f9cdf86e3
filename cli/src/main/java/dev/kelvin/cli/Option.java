package dev.kelvin.cli;

import java.util.List;

/**
 * An option of a command.
 *
 * @param names with their dashes; the first is the one it goes by
 * @param parameter what its value looks like; empty for a flag
 * @param values all that are allowed; empty for any
 * @param help a line or two
 */
public record Option(List<String> names, String parameter, List<String> values, String help) {
  static Option flag(String name, String help) {
    return new Option(List.of(name), "", List.of(), help);
  }

  static Option value(String name, String parameter, String help) {
    return new Option(List.of(name), parameter, List.of(), help);
  }

  static Option choice(List<String> names, List<String> values, String help) {
    return new Option(names, String.join("|", values), values, help);
  }

  /** The name it goes by. */
  public String name() {
    return names.getFirst();
  }

  public boolean isFlag() {
    return parameter.isEmpty();
  }
}
