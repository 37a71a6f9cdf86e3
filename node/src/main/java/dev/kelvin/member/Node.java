package dev.kelvin.member;

import dev.kelvin.peer.PeerMeters;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.Reader;
import dev.kelvin.watch.Watches;
import java.util.Optional;
import java.util.function.Consumer;

/** This node, as the front doors see it. Every method answers at once, from memory. */
public interface Node {
  /** Where a node stands in its life. */
  enum State {
    /** Empty disk: neither bootstrapped nor joined yet. Has no replica. */
    WAITING,
    /** Holds an identity, and opens its data. Has no replica yet. */
    STARTING,
    LEARNER,
    VOTER,
    /** No longer a member. Has a replica at most until the others know it. */
    REMOVED,
    STOPPING
  }

  State state();

  String name();

  /** Of the program. */
  String version();

  /** 0 while waiting. */
  long memberId();

  /** 0 while waiting. */
  long clusterId();

  /** 16 hex digits, random, of this data directory. */
  long incarnation();

  /** Null while waiting, starting or removed. */
  Replica replica();

  /** Null while waiting, starting or removed. */
  Reader reader();

  /** Null while waiting or removed. */
  Watches watches();

  /** Null while waiting, starting or removed. */
  LeaseTimes leaseTimes();

  /** Null while waiting, starting or removed. */
  Measures measures();

  PeerMeters peerMeters();

  /**
   * Has disk space that removed data still take given back, in the background; nothing without a
   * replica.
   */
  void defragment();

  /** Changes of the cluster's members, from here. */
  MemberChanges changes();

  /**
   * Has a node that waits join this cluster, as a learner that becomes a voter by itself; returns
   * at once.
   *
   * @param name what it must be called
   * @param address its peer address
   * @param answer gets nothing when it is a member, else why not; once, on any thread
   */
  void invite(String name, String address, Consumer<Optional<Refusal>> answer);

  /**
   * The member that leads.
   *
   * @param jsonAddress HOST:PORT where it answers JSON over TCP; empty if it does not, or is silent
   */
  record Leader(long id, String name, String jsonAddress) {}

  /**
   * Finds out who leads and where it answers; returns at once.
   *
   * @param answer gets nothing when nobody leads; once, on any thread
   */
  void leader(Consumer<Optional<Leader>> answer);

  /** Members as of the last entry applied here. */
  ClusterState cluster();

  /**
   * Milliseconds since it was last known that this node has applied all that was acknowledged
   * anywhere before; -1 if never since its start. Looked at about once a second.
   */
  long caughtUpAgoMillis();

  /** Milliseconds since a leader was last heard of (0 on the leader); -1 if never. */
  long leaderSilenceMillis();
}
