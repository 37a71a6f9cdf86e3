package dev.kelvin.store;

/** Bytes of a format, or a kind of command, that this version does not know. */
public final class UnknownFormatException extends RuntimeException {
  static final String REMEDY = "; start the version of Kelvin that wrote it, or a later one";

  private static final long serialVersionUID = 1;

  public UnknownFormatException(String message) {
    super(message);
  }
}
