package dev.kelvin.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The command line, as people start it.
 *
 * @param endpoints of nodes, separated by commas; what KELVIN_ENDPOINTS holds
 */
record KelvinCommand(String endpoints) {
  record Result(int exit, byte[] bytes, String err) {
    String out() {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  static KelvinCommand of(NodeProcess... nodes) {
    return new KelvinCommand(
        Arrays.stream(nodes).map(NodeProcess::clientAddress).collect(Collectors.joining(",")));
  }

  ProcessBuilder process(String... arguments) {
    var command = new ArrayList<>(List.of(NodeProcess.KELVIN.toString()));
    command.addAll(List.of(arguments));
    return environment(NodeProcess.command(command));
  }

  /** A shell that finds {@code kelvin}. */
  ProcessBuilder shell(String line) {
    var builder = environment(NodeProcess.command(List.of("bash", "-c", line)));
    builder
        .environment()
        .merge("PATH", NodeProcess.KELVIN.getParent() + ":", (path, bin) -> bin + path);
    return builder;
  }

  private ProcessBuilder environment(ProcessBuilder builder) {
    builder.environment().put("KELVIN_ENDPOINTS", endpoints);
    return builder;
  }

  static Result run(ProcessBuilder builder, byte[] input) {
    try {
      var process = builder.start();
      try (var in = process.getOutputStream()) {
        in.write(input);
      }
      var out = process.getInputStream().readAllBytes();
      var err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        throw new AssertionError("hangs: " + builder.command());
      }
      return new Result(process.exitValue(), out, err);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  Result run(String... arguments) {
    return run(process(arguments), new byte[0]);
  }

  Result pipe(String input, String... arguments) {
    return run(process(arguments), input.getBytes(StandardCharsets.UTF_8));
  }

  /** What it writes when it succeeds; it has no complaints then. */
  String ok(String... arguments) {
    var result = run(arguments);
    assertEquals("", result.err, () -> String.join(" ", arguments));
    assertEquals(0, result.exit, () -> String.join(" ", arguments));
    return result.out();
  }
}
