package dev.kelvin.replica;

/**
 * Limits of a replica.
 *
 * @param member this replica's ID
 * @param incarnation random number of this process's life: answers to an earlier life's requests
 *     are nobody's
 * @param maxRequests proposals taken from clients and not yet answered; a power of two
 * @param maxRequestBytes the same by bytes
 * @param maxReads linearizable reads waiting; a power of two
 * @param requestTimeoutTicks after which a request without outcome fails
 * @param maxLogBytes log size past which the state machine is flushed and the log cut to half of
 *     it, or less
 * @param keptEntries entries kept behind what is durable, for followers that lag, as far as they
 *     fit into that half
 */
public record ReplicaConfig(
    long member,
    long incarnation,
    int maxRequests,
    long maxRequestBytes,
    int maxReads,
    int requestTimeoutTicks,
    long maxLogBytes,
    long keptEntries) {

  /** In production the size decides. */
  private static final long KEPT_ENTRIES = 10_000_000;

  /** Sizes for production; the time-out is etcd's 5 s and two election timeouts. */
  public static ReplicaConfig defaults(long member, long incarnation, int electionTicks) {
    return new ReplicaConfig(
        member,
        incarnation,
        8192,
        64L << 20,
        16384,
        500 + 2 * electionTicks,
        256L << 20,
        KEPT_ENTRIES);
  }
}
