package dev.kelvin.duty;

import java.time.Duration;
import java.util.Locale;

/**
 * What of the history is kept when nobody asks for a compaction.
 *
 * @param retention milliseconds, or revisions, by mode; 0 for everything
 */
public record AutoCompaction(Mode mode, long retention) {
  public static final AutoCompaction OFF = new AutoCompaction(Mode.PERIODIC, 0);

  /** What the retention counts. */
  public enum Mode {
    /** The history of the last milliseconds is kept. */
    PERIODIC,
    /** The last revisions are kept. */
    REVISION
  }

  public AutoCompaction {
    if (retention < 0) {
      throw new IllegalArgumentException("negative retention: " + retention);
    }
  }

  public boolean off() {
    return retention == 0;
  }

  /** For people. */
  @Override
  public String toString() {
    if (off()) {
      return "off";
    }
    return switch (mode) {
      case PERIODIC ->
          Duration.ofMillis(retention).toString().substring(2).toLowerCase(Locale.ROOT);
      case REVISION -> retention + " revisions";
    };
  }
}
