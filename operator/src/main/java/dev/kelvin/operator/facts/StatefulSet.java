package dev.kelvin.operator.facts;

import java.util.Optional;

/**
 * @param replicas pods it is to have
 * @param revision hash that a pod of the present template carries
 * @param settled whether its controller has seen the present template
 * @param children digest it was applied with
 * @param founding as annotated
 * @param recovery as annotated
 * @param volumeBytes size in its claim template; 0 if ephemeral
 * @param snapshot whether its template shows pods a snapshot to found the cluster from
 * @param ours whether this very KvCluster owns it, and not one of the same name that was deleted
 */
public record StatefulSet(
    int replicas,
    String revision,
    boolean settled,
    String children,
    Optional<Founding> founding,
    Optional<Recovery> recovery,
    long volumeBytes,
    boolean snapshot,
    boolean ours) {}
