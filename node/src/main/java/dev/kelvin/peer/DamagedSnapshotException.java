package dev.kelvin.peer;

import java.io.IOException;

/** A part of a snapshot did not arrive as it was sent; what came before it is good. */
final class DamagedSnapshotException extends IOException {
  private static final long serialVersionUID = 1;

  DamagedSnapshotException(String message) {
    super(message);
  }
}
