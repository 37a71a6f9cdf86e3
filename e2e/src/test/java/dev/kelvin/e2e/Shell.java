package dev.kelvin.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Commands as a person types them, in the root of the checkout, on the cluster that is tested. */
final class Shell {
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private final Path kubeconfig;

  Shell(Path kubeconfig) {
    this.kubeconfig = kubeconfig;
  }

  /** What a command said on both outputs, and its exit code. */
  record Said(int exit, String output) {}

  /**
   * Runs a command, which must succeed.
   *
   * @return what it said
   */
  String run(String command) {
    var said = attempt(command);
    if (said.exit != 0) {
      throw new AssertionError(
          "exit code %d of: %s%n%s".formatted(said.exit, command, said.output));
    }
    return said.output;
  }

  /** Runs a command that may fail. */
  Said attempt(String command) {
    try {
      var output = Files.createTempFile("kelvin-e2e", ".out");
      try {
        var process = builder(command).redirectOutput(output.toFile()).start();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly();
          throw new AssertionError(
              "takes longer than %s: %s%n%s"
                  .formatted(PATIENCE, command, Files.readString(output)));
        }
        return new Said(process.exitValue(), Files.readString(output));
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted during: " + command, e);
    }
  }

  /** Starts a command that goes on; it ends with the returned handle. */
  Background start(String command) {
    try {
      return new Background(
          builder("exec " + command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ProcessBuilder builder(String command) {
    var builder =
        new ProcessBuilder("bash", "-c", command)
            .directory(Project.ROOT.toFile())
            .redirectErrorStream(true);
    builder.environment().put("KUBECONFIG", kubeconfig.toString());
    return builder;
  }

  /** A command that goes on. */
  record Background(Process process) implements AutoCloseable {
    @Override
    public void close() {
      process.destroy();
    }
  }
}
