package dev.kelvin.checker;

/** Something happened that must never happen. */
public final class Violation extends AssertionError {
  private static final long serialVersionUID = 1;

  private final String check;

  /**
   * @param check name of the check that found it
   */
  public Violation(String check, String message) {
    super(check + ": " + message);
    this.check = check;
  }

  public String check() {
    return check;
  }
}
