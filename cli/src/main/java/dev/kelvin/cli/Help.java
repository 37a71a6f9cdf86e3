package dev.kelvin.cli;

import java.util.ArrayList;
import java.util.List;

/** What {@code --help} says. */
final class Help {
  private static final int WIDTH = 90;
  private static final int LONGEST_NAME = 26;

  private Help() {}

  /**
   * @param path the command's names
   */
  static String of(Command command, String path) {
    var text = new StringBuilder("Usage: ").append(path);
    if (command.isGroup()) {
      text.append(" COMMAND");
    } else {
      text.append(" [OPTIONS]");
      command.parameters().forEach(p -> text.append(' ').append(p));
    }
    text.append('\n');
    command.help().forEach(line -> text.append(line).append('\n'));
    if (command.isGroup()) {
      text.append("\nCommands:\n");
      for (var c : command.commands()) {
        row(text, c.name(), c.help().getFirst());
      }
      text.append("\n\"").append(path).append(" COMMAND --help\" tells more.");
      if (command == Commands.KELVIN) {
        text.append(" \"kelvin --version\": which this is.\n\n").append(EXIT_CODES);
      } else {
        text.append('\n');
      }
      return text.toString();
    }
    if (!command.options().isEmpty()) {
      text.append("\nOptions:\n");
      command.options().forEach(option -> row(text, option));
    }
    text.append("\nOptions of all commands that ask a cluster:\n");
    Session.OPTIONS.forEach(option -> row(text, option));
    return text.toString();
  }

  private static final String EXIT_CODES =
      """
      Exit codes: 0 done; 1 failed; 2 wrong command line; 3 not found; 4 a comparison did not hold;
      5 no endpoint answered, nothing was changed; 6 sent, but not answered: look before repeating.
      """;

  private static void row(StringBuilder text, Option option) {
    var names = String.join(", ", option.names());
    row(text, option.isFlag() ? names : names + " " + option.parameter(), option.help());
  }

  private static void row(StringBuilder text, String name, String help) {
    text.append("  ").append(name);
    int column = name.length();
    if (column > LONGEST_NAME - 2) {
      text.append("\n  ");
      column = 0;
    }
    boolean first = true;
    for (var line : wrapped(help)) {
      if (!first) {
        text.append("  ");
        column = 0;
      }
      text.repeat(' ', LONGEST_NAME - column).append(line).append('\n');
      first = false;
    }
  }

  private static List<String> wrapped(String help) {
    var lines = new ArrayList<String>();
    var line = new StringBuilder();
    for (var word : help.split(" ")) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > WIDTH - LONGEST_NAME) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
