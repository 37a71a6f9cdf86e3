package dev.kelvin.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A small file system of its own, which a test can fill from outside the node that uses it. */
final class Tmpfs implements AutoCloseable {
  private static final String BALLAST = "ballast";

  private final Path directory;

  private Tmpfs(Path directory) {
    this.directory = directory;
  }

  /** Skips the test, loudly, where this user may not mount. */
  static Tmpfs mount(Path directory, int mebibytes) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    var said =
        run(
            List.of(
                "mount",
                "-t",
                "tmpfs",
                "-o",
                "size=" + mebibytes + "m",
                "kelvin-test",
                directory.toString()));
    if (!said.isEmpty()) {
      System.out.println(
          "*** NOT TESTED: full disks: cannot mount a tmpfs (run as root, or under unshare -rm): "
              + said
              + " ***");
    }
    assumeTrue(said.isEmpty(), "cannot mount a tmpfs: " + said);
    return new Tmpfs(directory);
  }

  /** What a command complained about; empty when it did what it should. */
  private static String run(List<String> command) throws IOException, InterruptedException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      return "does not end: " + command;
    }
    return process.exitValue() == 0 ? "" : said.isEmpty() ? "exit " + process.exitValue() : said;
  }

  /** Takes space until only so much is usable, or none at all. */
  void fill(long leave) throws IOException {
    var chunk = new byte[1 << 16];
    try (OutputStream out = Files.newOutputStream(directory.resolve(BALLAST))) {
      while (usable() > leave) {
        out.write(chunk, 0, Math.clamp(usable() - leave, 1, chunk.length));
      }
    } catch (IOException e) {
      // Full to the last byte, which the node may have taken: what was wanted.
      if (leave > 0) {
        throw e;
      }
    }
  }

  void free() throws IOException {
    Files.delete(directory.resolve(BALLAST));
  }

  long usable() throws IOException {
    return Files.getFileStore(directory).getUsableSpace();
  }

  @Override
  public void close() throws IOException {
    try {
      // Lazily: the node that was killed a moment ago may still be there.
      var said = run(List.of("umount", "-l", directory.toString()));
      if (!said.isEmpty()) {
        throw new IOException(said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
