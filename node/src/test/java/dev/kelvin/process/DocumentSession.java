package dev.kelvin.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The shell session that a document shows: in its indented blocks, a line that begins with a dollar
 * sign is a command, goes on where it ends with a backslash, and what follows is its output.
 */
final class DocumentSession {
  /**
   * @param output without what is blank at its end
   */
  record Step(String command, String output) {}

  private static final String INDENT = "    ";

  private DocumentSession() {}

  static List<Step> read(Path document) throws IOException {
    var steps = new ArrayList<Step>();
    String command = null;
    var output = new StringBuilder();
    boolean going = false;
    for (var line : Files.readAllLines(document)) {
      boolean inside = line.startsWith(INDENT) || line.isEmpty() && command != null;
      var text = line.startsWith(INDENT) ? line.substring(INDENT.length()) : "";
      if (going) {
        command += "\n" + text;
      } else if (!inside || text.startsWith("$ ")) {
        if (command != null) {
          steps.add(new Step(command, output.toString().stripTrailing()));
        }
        command = inside ? text.substring(2) : null;
        output.setLength(0);
      } else if (command != null) {
        output.append(text).append('\n');
      }
      going = command != null && output.isEmpty() && command.endsWith("\\");
    }
    if (command != null) {
      steps.add(new Step(command, output.toString().stripTrailing()));
    }
    return steps;
  }
}
