package dev.kelvin.fuzz;

/**
 * What is sent as one thing.
 *
 * @param cut where it is cut in two packets; 0 for not at all, {@link #EVERYWHERE} for byte by byte
 */
record Frame(Kind kind, byte[] bytes, int cut) {
  static final int EVERYWHERE = -1;

  Frame(Kind kind, byte[] bytes) {
    this(kind, bytes, 0);
  }
}
