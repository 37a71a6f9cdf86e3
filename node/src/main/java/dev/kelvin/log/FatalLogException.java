package dev.kelvin.log;

/**
 * A write or a force failed. What the page cache holds no longer says what the disk holds, so the
 * log takes no more writes and the process has to stop.
 */
public final class FatalLogException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private static final String REMEDY =
      "; what the disk holds is no longer known: look at the disk, then start this node again, which"
          + " reads back what it holds";

  FatalLogException(String message, Throwable cause) {
    super(message + REMEDY, cause);
  }
}
