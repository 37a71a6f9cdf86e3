package dev.kelvin.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.json.Json;
import java.io.StringReader;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.junit.jupiter.api.Test;

class JsonLogsTest {
  @Test
  void aLineIsOneJsonObjectWhateverTheMessageHolds() {
    var message = "quote \" backslash \\ newline \n tab \t bell \u0007 umlaut ä";
    var entry = new ExtLogRecord(Level.WARN, message, "test");
    entry.setLoggerName("dev.kelvin.Test");
    entry.setThrown(new IllegalStateException("why"));
    var line = new JsonLogs().format(entry);
    assertEquals(line.length() - 1, line.indexOf('\n'), "one line");
    var parsed = Json.createReader(new StringReader(line)).readObject();
    assertEquals(message, parsed.getString("message"));
    assertEquals("WARN", parsed.getString("level"));
    assertEquals("dev.kelvin.Test", parsed.getString("logger"));
    assertTrue(parsed.getString("exception").contains("IllegalStateException: why"));
  }
}
