package dev.kelvin.store;

import dev.kelvin.raft.Entry;
import dev.kelvin.raft.SnapshotMeta;
import java.util.List;

/**
 * The replicated state machine as the replica drives it. {@link #apply} and {@link #install} are
 * called by one thread at a time; the rest by any.
 */
public interface StateMachine extends AutoCloseable {
  /** Hears what an apply did, on the applying thread. */
  interface Listener {
    /** Whether this process waits for that command's outcome; if not, none is built. */
    boolean waits(long incarnation, long request);

    /** Outcome of a command that is waited for; comes after the batch is readable. */
    void outcome(long request, Outcome outcome);

    /** A membership entry was applied (also when it was refused and changed nothing). */
    void membership(long index, ClusterState cluster);

    /** Waits for nothing and wants to hear nothing. */
    Listener NOBODY =
        new Listener() {
          @Override
          public boolean waits(long incarnation, long request) {
            return false;
          }

          @Override
          public void outcome(long request, Outcome outcome) {
            throw new IllegalStateException("an outcome for request " + request + ", nobody waits");
          }

          @Override
          public void membership(long index, ClusterState cluster) {
            // Whoever wants it asks the store.
          }
        };
  }

  /** Last entry applied. */
  Position applied();

  /** Last entry whose effects survive a power loss: the log must be kept behind it. */
  Position durable();

  /** Cluster facts as of the last entry applied. */
  ClusterState cluster();

  /**
   * Applies entries in order, as one write: a reader sees all of it or nothing.
   *
   * @throws UnknownFormatException for an entry this version cannot apply; nothing is applied and
   *     the node must stop
   * @throws NoSpaceException when the disk is full; nothing is applied, the same call may be
   *     repeated, and no other entries must be applied before
   */
  void apply(List<Entry> entries, Listener listener);

  /**
   * Makes everything applied so far durable; may take long.
   *
   * @throws NoSpaceException when the disk is full; so do {@link #checkpoint} and {@link
   *     #housekeep}
   */
  void flush();

  /**
   * A consistent copy on disk, made beside running applies.
   *
   * @return the copy, to be released by {@link #discard}
   */
  Snapshot checkpoint();

  void discard(Snapshot snapshot);

  /**
   * Replaces the whole state by a snapshot whose files are complete and verified, durably. Reads
   * under way end on the old state.
   *
   * @throws BadSnapshotException when the files are no usable snapshot, or cannot be taken over;
   *     the state is as it was, and the files are the caller's to discard
   */
  void install(Snapshot snapshot);

  /** Whether {@link #housekeep} has something to do. */
  boolean hasHousekeeping();

  /**
   * Does a bounded piece of local work that changes no answer, such as removing what was compacted.
   *
   * @return whether there was any
   */
  boolean housekeep();

  @Override
  void close();

  /** Files that are no usable snapshot, or for which the disk has no room. */
  final class BadSnapshotException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public BadSnapshotException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Files of a snapshot.
   *
   * @param meta as found inside
   * @param path of the directory in the store's file system
   */
  record Snapshot(SnapshotMeta meta, String path) {}
}
