package dev.kelvin.operator.facts;

/**
 * A member of the cluster, as one node knows it.
 *
 * @param ordinal of the pod its address points at; -1 if that is none of ours
 * @param peer address for the others, HOST:PORT
 * @param incarnation that claimed the identity; 0 while none has
 * @param match entries it is known to have; only the leader knows
 * @param active whether it was heard of lately; only the leader knows
 */
public record Member(
    long id,
    int ordinal,
    String peer,
    boolean learner,
    long incarnation,
    long match,
    boolean active) {}
