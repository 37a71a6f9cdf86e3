package dev.kelvin.app;

/** Options that the program cannot start with; the message is one line that names the option. */
final class OptionException extends RuntimeException {
  private static final long serialVersionUID = 1;

  OptionException(String message) {
    super(message);
  }
}
