package dev.kelvin.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A command, or a group of them.
 *
 * @param name as typed
 * @param parameters what they are called, in order: KEY, [VALUE]
 * @param help what it does; the first line alone in lists
 * @param options its own; those for all commands that ask a cluster come on top
 * @param commands of a group; else empty
 * @param action null for groups and for what the node's program does
 */
public record Command(
    String name,
    List<String> parameters,
    List<String> help,
    List<Option> options,
    List<Command> commands,
    Action action) {

  /** What a command does. */
  @FunctionalInterface
  interface Action {
    /** Returns the exit code. */
    int run(Given given, Session session) throws IOException;
  }

  static Command of(String name, String parameters, Action action, String... help) {
    return new Command(
        name,
        parameters.isEmpty() ? List.of() : List.of(parameters.split(" ")),
        List.of(help),
        List.of(),
        List.of(),
        action);
  }

  static Command group(String name, String help, Command... commands) {
    return new Command(name, List.of(), List.of(help), List.of(), List.of(commands), null);
  }

  /** One that the node's program does. */
  static Command ofNode(String name, String help) {
    return new Command(name, List.of(), List.of(help), List.of(), List.of(), null);
  }

  Command with(Option... more) {
    var all = new ArrayList<>(options);
    all.addAll(Arrays.asList(more));
    return new Command(name, parameters, help, List.copyOf(all), commands, action);
  }

  boolean isGroup() {
    return !commands.isEmpty();
  }

  /** Whether the node's program does it, which knows its options. */
  public boolean isNodes() {
    return action == null && !isGroup();
  }

  Optional<Command> command(String name) {
    return commands.stream().filter(c -> c.name.equals(name)).findFirst();
  }

  /** How many parameters there must be. */
  int least() {
    return (int) parameters.stream().filter(p -> !p.startsWith("[")).count();
  }
}
