package dev.kelvin.api;

/**
 * What a client may ask for at most.
 *
 * @param maxRequestBytes of a request that goes through the log
 * @param maxTxnOps compares, or operations of one branch, of a transaction with those it nests
 * @param quotaBytes that the store may use; 0 for no quota
 */
public record Limits(int maxRequestBytes, int maxTxnOps, long quotaBytes) {
  public Limits {
    if (maxRequestBytes < 1 || maxTxnOps < 1 || quotaBytes < 0) {
      throw new IllegalArgumentException(
          "limits must be positive: " + maxRequestBytes + ", " + maxTxnOps + ", " + quotaBytes);
    }
  }

  /** Without a quota. */
  public Limits(int maxRequestBytes, int maxTxnOps) {
    this(maxRequestBytes, maxTxnOps, 0);
  }
}
