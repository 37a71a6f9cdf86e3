package dev.kelvin.store;

/**
 * What all members agree on about a lease. When it ends is not among it: that is decided by the
 * leader's clock, and becomes fact by an entry.
 *
 * @param ttl seconds it was granted for, and is renewed for
 * @param remaining seconds it had left when the leader last noted that down; 0 if it was not noted
 *     since the grant or the last renewal
 */
public record Lease(long id, long ttl, long remaining) {
  /** Seconds that a new leader has to give it at least. */
  public long due() {
    return remaining > 0 ? remaining : ttl;
  }
}
