package dev.kelvin.replica;

import dev.kelvin.raft.SnapshotMeta;
import dev.kelvin.store.ClusterState;

/** What a person, or the member service, wants to hear of a replica. Calls must return at once. */
public interface ReplicaEvents {
  /**
   * @param leader 0 while nobody is known to lead
   */
  void leader(long term, long leader);

  /** The members changed, as of the last entry applied here. */
  void cluster(ClusterState cluster);

  void snapshotSent(long to, SnapshotMeta snapshot, boolean success);

  void snapshotInstalled(SnapshotMeta snapshot);

  /** The replica goes on as it was; its leader will send another one. */
  void snapshotNotInstalled(SnapshotMeta snapshot, Throwable cause);

  void logTruncated(long firstIndex, long bytes);

  /**
   * A write met a full disk; it is kept, and tried again until there is space.
   *
   * @param what is written to, for people
   */
  void waitsForSpace(String what, String why);

  void hasSpaceAgain(String what);

  /**
   * The replica cannot go on: a failed write, an entry of an unknown format, a broken invariant.
   */
  void fatal(Throwable cause);
}
