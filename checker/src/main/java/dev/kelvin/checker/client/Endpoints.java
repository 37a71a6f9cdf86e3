package dev.kelvin.checker.client;

/** The ways to servers that there are now. */
@FunctionalInterface
public interface Endpoints {
  /**
   * @param at the client's own place among them; it moves on when it was failed there
   * @param failed tries of the request in vain so far
   */
  Endpoint choose(int at, int failed);
}
