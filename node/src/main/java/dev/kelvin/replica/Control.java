package dev.kelvin.replica;

import dev.kelvin.raft.Membership;
import dev.kelvin.raft.Message;
import dev.kelvin.raft.Message.InstallSnapshot;
import dev.kelvin.raft.SnapshotMeta;
import dev.kelvin.store.ClusterState;

/**
 * What the other loops and the owner tell the raft loop. Never refused; bounded because each
 * answers something the raft loop admitted.
 */
sealed interface Control {
  record Persisted(long term, long index) implements Control {}

  /** A message to this replica itself, now that what it promises is durable. */
  record ToSelf(Message message) implements Control {}

  record Applied(long index, long term) implements Control {}

  record MembershipApplied(long index, Membership membership) implements Control {}

  /** Members or their addresses are other than before. */
  record ClusterChanged(ClusterState cluster) implements Control {}

  record Unreachable(long member) implements Control {}

  /**
   * What became of a snapshot.
   *
   * @param term in which it was sent
   */
  record SnapshotSent(long to, long term, SnapshotMeta snapshot, boolean success)
      implements Control {}

  record SnapshotArrived(InstallSnapshot message, String path) implements Control {}

  /** The state machine was swapped (or could not be); the log comes next. */
  record StoreInstalled(SnapshotMeta snapshot, boolean success) implements Control {}

  record LogReset(SnapshotMeta snapshot) implements Control {}

  record Transfer(long to) implements Control {}

  record Stop() implements Control {}
}
