package dev.kelvin.operator.facts;

import java.time.Instant;

/**
 * The one operation in flight; latched in the status.
 *
 * @param target what it is to reach, in words that stay the same while it lasts
 * @param members how many members the cluster is to have while it lasts
 * @param progress changes with every step forward
 * @param since when it began
 * @param deadline when to say that it is stuck: some time after the last progress
 */
public record Operation(
    Kind kind, String target, int members, String progress, Instant since, Instant deadline) {
  /** What an operation does, in the order in which they are begun. */
  public enum Kind {
    RECOVER("Recover"),
    FOUND("Found"),
    REPLACE("Replace"),
    SCALE_UP("ScaleUp"),
    SCALE_DOWN("ScaleDown"),
    RESIZE("ResizeVolumes"),
    ROLLOUT("Rollout");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** As a condition's reason and in the status. */
    public String word() {
      return word;
    }
  }

  public boolean overdue(Instant now) {
    return now.isAfter(deadline);
  }
}
