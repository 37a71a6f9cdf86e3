package dev.kelvin.app;

import java.util.logging.LogManager;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.formatters.JsonFormatter;

/** Log lines as JSON objects. */
final class JsonLogs {
  private JsonLogs() {}

  static void install() {
    for (var handler : LogManager.getLogManager().getLogger("").getHandlers()) {
      handler.setFormatter(new JsonFormatter());
      if (handler instanceof ExtHandler nesting) {
        for (var nested : nesting.getHandlers()) {
          nested.setFormatter(new JsonFormatter());
        }
      }
    }
  }
}
