package dev.kelvin.peer;

/**
 * Who a node says it is when it connects.
 *
 * @param incarnation of its data directory
 */
public record PeerIdentity(long clusterId, long member, long incarnation) {}
