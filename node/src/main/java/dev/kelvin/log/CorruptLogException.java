package dev.kelvin.log;

/**
 * The log on disk has lost or changed something it had made durable; the message says what to do.
 */
public final class CorruptLogException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private static final String REMEDY =
      "; restore this member: stop it, move its data directory away, remove the member from the"
          + " cluster and join it again";

  CorruptLogException(String file, long offset, String what) {
    super("log file " + file + ", offset " + offset + ": " + what + REMEDY);
  }

  private CorruptLogException(String message) {
    super(message);
  }

  static CorruptLogException newerFormat(String file, int version) {
    return new CorruptLogException(
        "log file "
            + file
            + " has format version "
            + version
            + "; this build reads version "
            + SegmentHeader.VERSION
            + "; start the version of Kelvin that wrote it, or a later one");
  }
}
