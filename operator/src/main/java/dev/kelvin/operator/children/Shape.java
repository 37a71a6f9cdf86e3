package dev.kelvin.operator.children;

/**
 * What of the children is decided, and not in the spec.
 *
 * @param size pods of the StatefulSet
 * @param budget {@code minAvailable} of the PodDisruptionBudget; 0 for none
 * @param volumeBytes size in the StatefulSet's claim template
 */
public record Shape(int size, int budget, long volumeBytes) {}
