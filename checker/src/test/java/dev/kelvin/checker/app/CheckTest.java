package dev.kelvin.checker.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class CheckTest {
  private final StringWriter said = new StringWriter();

  private int execute(String... arguments) {
    return Check.commandLine().setErr(new PrintWriter(said)).execute(arguments);
  }

  @Test
  void wrongOptionsAreRefusedInWords() {
    assertEquals(2, execute("--endpoints", "somewhere"));
    assertTrue(said.toString().contains("endpoint 'somewhere' is not host:port"), said::toString);
    assertEquals(2, execute("--clients", "0"));
    assertEquals(2, execute("--rate", "0"));
  }
}
