package dev.kelvin.operator.decide;

/**
 * A condition of the status.
 *
 * @param reason one word
 * @param message for a person
 */
public record Condition(Type type, boolean holds, String reason, String message) {
  /** What a condition is about. */
  public enum Type {
    AVAILABLE("Available"),
    PROGRESSING("Progressing"),
    DEGRADED("Degraded");

    private final String word;

    Type(String word) {
      this.word = word;
    }

    /** As in the status. */
    public String word() {
      return word;
    }
  }
}
