package dev.kelvin.bench;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server started by this process: killed, started again, and in the end stopped by it alone. */
final class NodeProcess {
  private static final long PATIENCE_SECONDS = 10;

  private final Path log;
  private Process process;
  private boolean closed;

  /**
   * @param log where its output goes, all starts after each other
   */
  NodeProcess(Path log) {
    this.log = log;
  }

  /** Starts it; it must not run, and not be closed. */
  synchronized void start(List<String> command) {
    if (closed) {
      throw new IllegalStateException("interrupted");
    }
    if (runs()) {
      throw new IllegalStateException("process " + pid() + " runs already");
    }
    try {
      var builder = new ProcessBuilder(command);
      builder.redirectErrorStream(true);
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
      // Measured is what the command line says, not what a shell has set besides.
      builder
          .environment()
          .keySet()
          .removeIf(v -> v.startsWith("KELVIN_") || v.startsWith("ETCD_"));
      builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean runs() {
    return process != null && process.isAlive();
  }

  /** Whether it was started and is gone, though nobody closed it. */
  synchronized boolean ended() {
    return process != null && !process.isAlive() && !closed;
  }

  long pid() {
    return process.pid();
  }

  Path log() {
    return log;
  }

  /** {@code kill -9}; returns when the process is gone. */
  void kill() {
    if (process != null) {
      process.destroyForcibly();
      await();
    }
  }

  /** Asks it to end, and kills it if it has not after a while. */
  void stop() {
    if (process != null) {
      process.destroy();
      if (!await()) {
        kill();
      }
    }
  }

  /** Kills it for good: a start that another thread is about to make is refused. */
  synchronized void close() {
    closed = true;
    kill();
  }

  private boolean await() {
    try {
      return process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
