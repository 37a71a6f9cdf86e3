package dev.kelvin.store;

/** What became of a lease. */
public sealed interface LeaseChange {
  long lease();

  /**
   * @param own as in {@link Lease}
   */
  record Granted(long lease, long ttl, boolean own) implements LeaseChange {}

  /** Revoked or expired, with all its keys. */
  record Gone(long lease) implements LeaseChange {}

  /**
   * @param remaining seconds; 0 for the whole again
   */
  record Checkpointed(long lease, long remaining) implements LeaseChange {}
}
