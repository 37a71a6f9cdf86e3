package dev.kelvin.peer;

import dev.kelvin.raft.Message.InstallSnapshot;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.StateMachine.Snapshot;

/** Moves messages and snapshots to other members. Calls return at once; any thread may call. */
public interface Transport {
  int SNAPSHOTS_AT_ONCE = 2;

  /** Sends if it can; may drop, never reports. Order is kept per receiver while connected. */
  void send(PeerMessage message);

  /**
   * Streams a snapshot's files, then has the receiver step {@code message}. Goes on where it was
   * when the connection breaks, for a bounded time. At most {@link #SNAPSHOTS_AT_ONCE} are sent at
   * the same time, and one to a member; more wait.
   *
   * @param done told whether all of it arrived, by any thread; the files are no longer used then
   */
  void sendSnapshot(InstallSnapshot message, Snapshot snapshot, SnapshotSent done);

  /** Says who the members are and where: new ones are connected to, gone ones dropped. */
  void members(ClusterState cluster);

  /**
   * Says where a member is reached that connected to this one. It is kept although {@link #members}
   * does not hold it, until that says that it was removed: a node that has yet to learn who the
   * members are could not answer its leader otherwise.
   */
  default void met(long member, String peerUrl) {}

  /** Outcome of {@link #sendSnapshot}. */
  @FunctionalInterface
  interface SnapshotSent {
    void done(boolean success);
  }

  /** What a transport delivers; every call returns at once, any thread may call. */
  interface Receiver {
    /** The newest term known here. */
    long term();

    void receive(PeerMessage message);

    /**
     * Files of a snapshot are here, complete and verified; the receiver of this call owns them.
     *
     * @param path of their directory in the store's file system
     */
    void receiveSnapshot(InstallSnapshot message, String path);

    /** A member connected, and says where it is reached; empty when it does not say. */
    void met(long member, String peerUrl);

    /** A connection to the member was reset or could not be made. */
    void unreachable(long member);
  }
}
