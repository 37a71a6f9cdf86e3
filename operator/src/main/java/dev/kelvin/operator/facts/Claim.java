package dev.kelvin.operator.facts;

import java.util.Optional;

/**
 * A volume claim.
 *
 * @param uid names this very claim
 * @param founding as annotated
 * @param bytes requested
 * @param expandable whether its storage class lets it grow
 */
public record Claim(
    int ordinal,
    String uid,
    Optional<Founding> founding,
    long bytes,
    boolean expandable,
    boolean deleting) {}
