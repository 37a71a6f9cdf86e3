package dev.kelvin.app;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.logging.LogManager;
import org.jboss.logmanager.ExtFormatter;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.ExtLogRecord;

/**
 * Log lines as JSON objects. Of our own, because the log manager's needs jakarta.json where the
 * packaged application's boot loader does not find it.
 */
final class JsonLogs extends ExtFormatter {
  /** Puts it in place of the formatters there are. */
  static void install() {
    var formatter = new JsonLogs();
    for (var handler : LogManager.getLogManager().getLogger("").getHandlers()) {
      handler.setFormatter(formatter);
      if (handler instanceof ExtHandler nesting) {
        for (var nested : nesting.getHandlers()) {
          nested.setFormatter(formatter);
        }
      }
    }
  }

  @Override
  public String format(ExtLogRecord entry) {
    var line = new StringBuilder(256).append('{');
    field(line, "timestamp", entry.getInstant().toString());
    field(line.append(','), "level", entry.getLevel().getName());
    field(line.append(','), "logger", entry.getLoggerName());
    field(line.append(','), "thread", entry.getThreadName());
    field(line.append(','), "message", formatMessage(entry));
    if (entry.getThrown() != null) {
      field(line.append(','), "exception", stack(entry.getThrown()));
    }
    return line.append("}\n").toString();
  }

  private static String stack(Throwable problem) {
    var text = new StringWriter();
    problem.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }

  private static void field(StringBuilder line, String name, String value) {
    string(line, name);
    string(line.append(':'), value == null ? "" : value);
  }

  private static void string(StringBuilder line, String value) {
    line.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> line.append("\\\"");
        case '\\' -> line.append("\\\\");
        case '\n' -> line.append("\\n");
        case '\t' -> line.append("\\t");
        case '\r' -> line.append("\\r");
        default -> {
          if (c < ' ') {
            line.append(String.format("\\u%04x", (int) c));
          } else {
            line.append(c);
          }
        }
      }
    }
    line.append('"');
  }
}
