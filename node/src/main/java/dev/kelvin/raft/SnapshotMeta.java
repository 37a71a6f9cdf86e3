package dev.kelvin.raft;

/**
 * Where a snapshot of the state machine stands in the log.
 *
 * @param index last index it contains
 * @param term term of that entry
 * @param membership membership as of that index
 */
public record SnapshotMeta(long index, long term, Membership membership) {}
