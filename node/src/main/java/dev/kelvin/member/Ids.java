package dev.kelvin.member;

import java.security.SecureRandom;

/** Makes IDs that nobody else has: of incarnations, members and clusters. */
public final class Ids {
  private Ids() {}

  /** A random number that is not 0. */
  public static long random() {
    var random = new SecureRandom();
    long id;
    do {
      id = random.nextLong();
    } while (id == 0);
    return id;
  }
}
