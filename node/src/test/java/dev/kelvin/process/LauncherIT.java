package dev.kelvin.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the build prepared for short starts is used: the JVM alone would not tell. */
class LauncherIT {
  /** Refuses to run without the AOT cache. */
  private static final String CACHE_REQUIRED = "-XX:AOTMode=on";

  @TempDir Path dir;

  private record Said(int exit, String output) {}

  private static Said run(String javaOptions, String... arguments) throws Exception {
    var command = new ArrayList<>(List.of(NodeProcess.KELVIN.toString()));
    command.addAll(List.of(arguments));
    var builder = NodeProcess.command(command).redirectErrorStream(true);
    builder.environment().put("KELVIN_JAVA_OPTS", javaOptions);
    var process = builder.start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "hangs");
    return new Said(process.exitValue(), output);
  }

  @Test
  void theAheadOfTimeCacheFitsTheJvmAndItsOptions() throws Exception {
    for (var program : new String[] {"server", "get"}) {
      var said = run(CACHE_REQUIRED, program, "--help");
      assertEquals(0, said.exit, said.output);
      assertTrue(said.output.startsWith("Usage: kelvin "), said.output);
      var other = run(CACHE_REQUIRED + " -XX:-UseCompressedClassPointers", program, "--help");
      assertNotEquals(0, other.exit, "the cache is not checked: " + other.output);
    }
  }

  @Test
  void theNativeLibraryIsNotUnpackedAtTheStart() throws Exception {
    try (var node = new NodeProcess(dir, "n1")) {
      node.start("--bootstrap").awaitReady();
      node.stop();
    }
    var said =
        run("-Djava.io.tmpdir=" + dir.resolve("nowhere"), "inspect", dir.resolve("n1").toString());
    assertEquals(0, said.exit, said.output);
  }
}
