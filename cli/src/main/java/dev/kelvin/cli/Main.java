package dev.kelvin.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The program {@code kelvin}, without what the node's program does. */
public final class Main {
  private static final int OUT_BUFFER = 1 << 16;

  private Main() {}

  public static void main(String[] args) {
    int exit = run(args, System.getenv());
    // There is nothing to be tidied up, and all has been written.
    Runtime.getRuntime().halt(exit);
  }

  /**
   * Carries a command out on the process's own streams.
   *
   * @return the exit code
   */
  public static int run(String[] args, Map<String, String> environment) {
    return run(
        args,
        environment,
        new FileInputStream(FileDescriptor.in),
        new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), OUT_BUFFER),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
  }

  static int run(
      String[] args,
      Map<String, String> environment,
      InputStream in,
      OutputStream out,
      PrintStream err) {
    try (var session = new Session(environment, in, out, err)) {
      return CommandLine.execute(args, session);
    }
  }
}
