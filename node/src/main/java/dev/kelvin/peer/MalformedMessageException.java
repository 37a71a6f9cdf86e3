package dev.kelvin.peer;

/** Bytes from a peer that are no message of this version. */
public final class MalformedMessageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public MalformedMessageException(String message) {
    super(message);
  }
}
