package dev.kelvin.store;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.mvccpb.KeyValue;
import java.util.List;
import java.util.function.Consumer;

/** What can be read of a store at any time, by any thread. */
public interface Reader {
  /**
   * Carries out a range request on the state as of one revision, the one in the answer's header.
   *
   * @param memoryOnly answer only if no disk need be touched and little work is to be done: safe on
   *     an event loop
   * @return {@link Outcome.Done} with a RangeResponse, {@link Outcome.Failed}, or null when {@code
   *     memoryOnly} forbids to find out
   */
  Outcome range(RangeRequest request, boolean memoryOnly);

  /**
   * Carries out a range request in parts, without order, filters or count.
   *
   * @param maxBytes of keys and values, after which no further key is begun
   * @return {@link Outcome.Done} with a RangeResponse of the first keys, or {@link Outcome.Failed}
   */
  Outcome page(RangeRequest request, long maxBytes);

  /**
   * Hash of the logical contents at a revision: equal on all members that have it. Walks the whole
   * store.
   *
   * @return {@link Outcome.Done} with a HashKVResponse, or {@link Outcome.Failed}
   */
  Outcome hash(HashKVRequest request);

  /**
   * Hash of everything that entries have made: contents as by {@link #hash(HashKVRequest)} at the
   * current revision, leases, alarms, members. Equal on members that have applied the same entries.
   *
   * @return {@link Outcome.Done} with a HashResponse
   */
  Outcome hash();

  /**
   * Waits until what a compaction made unreachable is removed here; rows, not yet the space they
   * take on disk.
   *
   * @param then called once, at once or by the thread that removes, with false if the store is
   *     closed before; must return at once
   */
  void whenRemoved(long compaction, Consumer<Boolean> then);

  /**
   * Walks the changes from a revision on, in order and in whole revisions.
   *
   * @param from first revision wanted
   * @param maxBytes of keys and values, after which no further revision is begun
   */
  ChangesRead changes(long from, long maxBytes, Consumer<Change> visitor);

  /**
   * The version that a change followed.
   *
   * @return null if the key did not exist, or a compaction forbids to tell
   */
  KeyValue previous(Change change);

  /** Null if there is no such lease. Answered from memory. */
  Lease lease(long id);

  /** All leases, in no order. Answered from memory. */
  List<Lease> leases();

  /** Alarms that stand, by member and type. Answered from memory. */
  List<Alarm> alarms();

  /**
   * Keys of a lease.
   *
   * @return null if there is no such lease
   */
  LeaseKeys leaseKeys(long id);

  /**
   * @param keys in order
   * @param revision as of which they are the lease's
   */
  record LeaseKeys(Lease lease, List<ByteString> keys, long revision) {}

  /**
   * How far changes were walked.
   *
   * @param compacted revision of the last compaction; what was changed before it is lost, and was
   *     not walked if {@code from} is before it
   * @param through last revision whose changes were all walked
   * @param revision current one
   */
  record ChangesRead(long compacted, long through, long revision) {}

  /**
   * Copies the state as of now, on the same disk, sharing files with the store; may take long.
   *
   * @param savedAt milliseconds since 1970, for the copy's header
   * @param writer version of the program, for the copy's header
   * @return the copy, to be closed
   * @throws NoSpaceException when the disk is full
   * @throws IllegalStateException when the store is closed
   */
  SnapshotExport export(long savedAt, String writer);

  /** Current revision, from 1. */
  long revision();

  /** Revision of the last compaction; 0 before the first. */
  long compactRevision();

  /** Bytes on disk. */
  long sizeOnDisk();

  /** Bytes on disk that live data take; at most {@link #sizeOnDisk}. */
  long sizeInUse();
}
