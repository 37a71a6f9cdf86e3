package dev.kelvin.fuzz;

/** A node did not do what it promises. */
final class Wrong extends Exception {
  private static final long serialVersionUID = 1;

  Wrong(String what) {
    super(what);
  }
}
