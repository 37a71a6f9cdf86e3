package dev.kelvin.store;

/** Index and term of a log entry; (0, 0) is before the first. */
public record Position(long index, long term) {
  public static final Position START = new Position(0, 0);
}
