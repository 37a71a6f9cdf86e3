package dev.kelvin.cli;

/** A command line, or input, that says nothing sensible; the message is one line for people. */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  UsageException(String message) {
    super(message);
  }
}
