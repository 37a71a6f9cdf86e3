package dev.kelvin.store;

/** A file that no cluster can be founded from; the message says why, for people. */
public final class BadSnapshotFileException extends RuntimeException {
  private static final long serialVersionUID = 1;

  BadSnapshotFileException(String message) {
    super(message);
  }

  BadSnapshotFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
