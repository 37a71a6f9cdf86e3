package dev.kelvin.log;

/**
 * There is no space on the disk for the file that a write needs. Nothing of the write was done; it
 * may be repeated, and nothing else must be written before it.
 */
public final class LogFullException extends RuntimeException {
  private static final long serialVersionUID = 1;

  LogFullException(Throwable cause) {
    super(cause.getMessage(), cause);
  }
}
