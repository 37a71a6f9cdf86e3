package dev.kelvin.cli;

/** A command that could not be carried out; the message is one line for people. */
final class FailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int exit;

  FailedException(int exit, String message) {
    super(message);
    this.exit = exit;
  }

  int exit() {
    return exit;
  }
}
