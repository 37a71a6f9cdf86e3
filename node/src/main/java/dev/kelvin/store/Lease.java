package dev.kelvin.store;

/**
 * What all members agree on about a lease. When it ends is not among it: that is decided by the
 * leader's clock, and becomes fact by an entry.
 *
 * @param ttl seconds it was granted for, and is renewed for
 * @param remaining seconds it had left when the leader last noted that down; 0 if it was not noted
 *     since the grant or the last renewal
 * @param own granted with a key by {@link TimedPut}: gone when the key is put or deleted, unless
 *     another key was attached to it meanwhile, which makes it one like any other
 */
public record Lease(long id, long ttl, long remaining, boolean own) {
  /** As granted by itself. */
  public Lease(long id, long ttl, long remaining) {
    this(id, ttl, remaining, false);
  }

  /** Seconds that a new leader has to give it at least. */
  public long due() {
    return remaining > 0 ? remaining : ttl;
  }
}
