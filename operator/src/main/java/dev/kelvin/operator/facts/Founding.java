package dev.kelvin.operator.facts;

/**
 * The founding of a cluster: recorded before it is carried out, in the status, on the StatefulSet
 * and on each volume claim.
 *
 * @param clusterId not 0
 * @param incarnation of the data directory that founds, or founded
 */
public record Founding(long clusterId, long incarnation) {
  public Founding {
    if (clusterId == 0) {
      throw new IllegalArgumentException("a cluster's ID is not 0");
    }
  }
}
