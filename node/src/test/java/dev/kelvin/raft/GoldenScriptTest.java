package dev.kelvin.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs the scripts in {@code src/test/resources/raft} and compares what happens with what they say.
 * {@code -Draft.rewrite=true} writes what happens into the scripts, for a person to read.
 */
class GoldenScriptTest {
  private static final Path SCRIPTS = Path.of("src/test/resources/raft");
  private static final boolean REWRITE = Boolean.getBoolean("raft.rewrite");

  @TestFactory
  List<DynamicTest> scripts() throws IOException {
    List<Path> files;
    try (var found = Files.list(SCRIPTS)) {
      files = found.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
    }
    assertTrue(files.size() >= 10, "scripts are missing in " + SCRIPTS.toAbsolutePath());
    var tests = new ArrayList<DynamicTest>();
    for (Path file : files) {
      tests.add(DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
    }
    return tests;
  }

  private static void check(Path file) throws IOException {
    String expected = Files.readString(file);
    String actual = replay(expected);
    if (REWRITE) {
      Files.writeString(file, actual);
    } else {
      assertEquals(expected, actual, file.toString());
    }
  }

  /** The script with the output that its commands have now. */
  private static String replay(String script) {
    var machine = new GoldenScript();
    var result = new StringBuilder();
    var said = new ArrayList<String>();
    boolean skipping = false;
    for (String line : script.lines().toList()) {
      if (line.isBlank()) {
        skipping = false;
        said.clear();
        result.append('\n');
      } else if (skipping) {
        continue;
      } else if (line.equals("----")) {
        skipping = true;
        result.append("----\n");
        String text = String.join("\n", said);
        result.append(text.isEmpty() ? "ok" : text).append('\n');
      } else {
        result.append(line).append('\n');
        if (!line.startsWith("#")) {
          String text = machine.run(line);
          if (!text.isEmpty()) {
            said.add(text);
          }
        }
      }
    }
    return result.toString();
  }
}
