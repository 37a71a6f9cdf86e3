package dev.kelvin.duty;

/**
 * A question about a lease's time, which only the leader knows.
 *
 * @param renew whether it is to have its whole time again
 */
public record LeaseAsk(long lease, boolean renew) {
  /**
   * @param seconds left. After a renewal 0 for a lease that cannot be renewed, otherwise -1 for one
   *     that does not exist.
   * @param granted seconds it was granted for; 0 for a lease that does not exist
   */
  public record Times(long seconds, long granted) {}
}
