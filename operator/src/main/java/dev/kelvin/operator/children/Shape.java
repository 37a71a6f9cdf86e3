package dev.kelvin.operator.children;

/**
 * What of the children is decided, and not in the spec.
 *
 * @param size pods of the StatefulSet
 * @param budget {@code minAvailable} of the PodDisruptionBudget; 0 for none
 * @param volumeBytes size in the StatefulSet's claim template
 * @param snapshot whether pods are shown the snapshot that the cluster is to be founded from
 */
public record Shape(int size, int budget, long volumeBytes, boolean snapshot) {
  /** Without a snapshot. */
  public Shape(int size, int budget, long volumeBytes) {
    this(size, budget, volumeBytes, false);
  }
}
