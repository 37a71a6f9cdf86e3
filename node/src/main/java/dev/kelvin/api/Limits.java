package dev.kelvin.api;

/**
 * What a client may ask for at most.
 *
 * @param maxRequestBytes of a request that goes through the log
 * @param maxTxnOps compares, or operations of one branch, of a transaction with those it nests
 */
public record Limits(int maxRequestBytes, int maxTxnOps) {
  public Limits {
    if (maxRequestBytes < 1 || maxTxnOps < 1) {
      throw new IllegalArgumentException(
          "limits must be positive: " + maxRequestBytes + ", " + maxTxnOps);
    }
  }
}
