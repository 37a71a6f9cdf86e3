package dev.kelvin.store;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Leases and their keys as the batch under way has changed them, and the rows that make it so. For
 * the applying thread; nothing is known outside before {@link #publish}.
 */
final class LeaseBatch {
  private final DbSource base;
  private final Map<Long, Lease> known;
  private final RowBatch rows;
  private final List<LeaseChange> told = new ArrayList<>();

  /** What the batch changed; empty for a lease that is gone. */
  private final Map<Long, Optional<Lease>> touched = new HashMap<>();

  /** Keys that the batch attached (true) to a lease, or detached from it. */
  private final Map<Long, Map<ByteString, Boolean>> moved = new HashMap<>();

  /** Leases of one key each that the command under way took from it; in order. */
  private final Set<Long> left = new LinkedHashSet<>();

  /**
   * @param known all leases before the batch; changed by {@link #publish}
   */
  LeaseBatch(DbSource base, Map<Long, Lease> known, RowBatch rows) {
    this.base = base;
    this.known = known;
    this.rows = rows;
  }

  /** Null if there is none. */
  Lease get(long id) {
    var changed = touched.get(id);
    return changed == null ? known.get(id) : changed.orElse(null);
  }

  /**
   * @param own of the one key that has it already
   */
  void grant(long id, long ttl, boolean own) {
    set(new Lease(id, ttl, 0, own));
    told.add(new LeaseChange.Granted(id, ttl, own));
  }

  /** Of a lease that exists. */
  void checkpoint(long id, long remaining) {
    var lease = get(id);
    set(new Lease(id, lease.ttl(), remaining, lease.own()));
    told.add(new LeaseChange.Checkpointed(id, remaining));
  }

  private void set(Lease lease) {
    touched.put(lease.id(), Optional.of(lease));
    rows.put(Rows.lease(lease.id()), Rows.leaseValue(lease));
  }

  /** Its keys must be deleted already. */
  void remove(long id) {
    touched.put(id, Optional.empty());
    rows.delete(Rows.lease(id));
    told.add(new LeaseChange.Gone(id));
  }

  /**
   * A key changed.
   *
   * @param from lease it had before; 0 for none
   * @param to lease it has now
   */
  void move(ByteString key, long from, long to) {
    if (from == to) {
      return;
    }
    if (from != 0) {
      moved(from).put(key, false);
      rows.delete(Rows.attached(from, key));
      if (own(from)) {
        left.add(from);
      }
    }
    if (to != 0) {
      moved(to).put(key, true);
      rows.put(Rows.attached(to, key), Rows.NOTHING);
      if (own(to)) {
        var lease = get(to);
        set(new Lease(to, lease.ttl(), lease.remaining()));
      }
    }
  }

  private boolean own(long id) {
    var lease = get(id);
    return lease != null && lease.own();
  }

  /** A command is carried out: leases that were a key's own go, if the key has left them. */
  void settle() {
    if (left.isEmpty()) {
      return;
    }
    for (var id : left) {
      if (own(id)) {
        remove(id);
      }
    }
    left.clear();
  }

  private Map<ByteString, Boolean> moved(long lease) {
    return moved.computeIfAbsent(lease, _ -> new HashMap<>());
  }

  /** Keys of a lease, in order. */
  List<ByteString> keys(long lease) {
    var keys = new TreeSet<>(ByteString.unsignedLexicographicalComparator());
    keys.addAll(base.leaseKeys(lease));
    moved
        .getOrDefault(lease, Map.of())
        .forEach(
            (key, attached) -> {
              if (attached) {
                keys.add(key);
              } else {
                keys.remove(key);
              }
            });
    return List.copyOf(keys);
  }

  /** Makes the leases, not their keys, those of everybody. */
  void publish() {
    touched.forEach(
        (id, lease) -> lease.ifPresentOrElse(now -> known.put(id, now), () -> known.remove(id)));
  }

  List<LeaseChange> told() {
    return told;
  }
}
