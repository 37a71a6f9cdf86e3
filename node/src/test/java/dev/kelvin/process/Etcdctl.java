package dev.kelvin.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * etcd's command line client.
 *
 * @param endpoints of nodes, separated by commas
 */
record Etcdctl(String endpoints) {
  record Result(int exit, String out, String err) {}

  /** Skips a test, loudly, where there is no etcdctl. */
  static void assumeThere(Class<?> test) {
    boolean there = false;
    try {
      there = new ProcessBuilder("etcdctl", "version").start().waitFor() == 0;
    } catch (IOException e) {
      System.out.printf(
          "*** NOT TESTED: etcdctl (3.7 or later) is not on PATH: %s ***%n", test.getSimpleName());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assumeTrue(there, "etcdctl is not on PATH");
  }

  private ProcessBuilder process(List<String> arguments) {
    var command = new ArrayList<>(List.of("etcdctl", "--endpoints", endpoints));
    command.addAll(arguments);
    var builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("ETCDCTL_"));
    return builder;
  }

  Result run(String... arguments) {
    try {
      var process = process(List.of(arguments)).start();
      process.getOutputStream().close();
      var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      var err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        throw new AssertionError("hangs: " + List.of(arguments));
      }
      return new Result(process.exitValue(), out, err);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** What it writes when it succeeds. */
  String ok(String... arguments) {
    var result = run(arguments);
    assertEquals(0, result.exit, () -> String.join(" ", arguments) + "\n" + result.err);
    return result.out;
  }

  /** What it writes when it fails. */
  String refused(String... arguments) {
    var result = run(arguments);
    assertNotEquals(0, result.exit, () -> String.join(" ", arguments) + "\n" + result.out);
    return result.err + result.out;
  }

  /** A command that goes on; its errors come among its lines. */
  Running start(String... arguments) throws IOException {
    return new Running(process(List.of(arguments)).redirectErrorStream(true).start());
  }

  /** A command that goes on. */
  static final class Running implements AutoCloseable {
    final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private Running(Process process) {
      this.process = process;
      Thread.ofVirtual()
          .start(
              () -> {
                try (var reader = process.inputReader(StandardCharsets.UTF_8)) {
                  reader.lines().forEach(lines::add);
                } catch (IOException | UncheckedIOException e) {
                  lines.add("cannot be read: " + e);
                }
              });
    }

    void type(String line) throws IOException {
      process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    }

    /** The next line. */
    String line() throws InterruptedException {
      var line = lines.poll(30, TimeUnit.SECONDS);
      if (line == null) {
        throw new AssertionError("says nothing: " + process.info().commandLine().orElse("?"));
      }
      return line;
    }

    /** Expects these lines, in this order, with others before each. */
    void says(String... expected) throws InterruptedException {
      for (var line : expected) {
        while (!line().equals(line)) {
          continue;
        }
      }
    }

    boolean quiet() {
      return lines.isEmpty();
    }

    /** SIGINT; returns the exit code. */
    int interrupt() throws IOException, InterruptedException {
      var kill = new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start();
      assertEquals(0, kill.waitFor());
      return exit();
    }

    int exit() throws InterruptedException {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        throw new AssertionError("does not end");
      }
      return process.exitValue();
    }

    /** SIGKILL, as a crash. */
    void kill() {
      process.destroyForcibly();
    }

    @Override
    public void close() {
      kill();
    }
  }
}
