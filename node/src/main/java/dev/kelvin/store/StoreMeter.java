package dev.kelvin.store;

import dev.kelvin.meter.Histogram;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** What a store counts of itself since the process began. Read by any thread. */
public final class StoreMeter {
  private final LongAdder ranges = new LongAdder();
  private final LongAdder puts = new LongAdder();
  private final LongAdder putBytes = new LongAdder();
  private final LongAdder deletes = new LongAdder();
  private final LongAdder txns = new LongAdder();
  private final LongAdder granted = new LongAdder();
  private final LongAdder revoked = new LongAdder();
  private final LongAdder removedVersions = new LongAdder();

  /** etcd's bounds: 1 s, doubled up to 97 days. */
  private final Histogram ttls = Histogram.exponential(1, 2, 24);

  /** Of one batch: counted by one thread, and only once it is applied. */
  static final class Batch {
    private int ranges;
    private int puts;
    private long putBytes;
    private int deletes;
    private int txns;

    void range() {
      ranges++;
    }

    void put(long bytes) {
      puts++;
      putBytes += bytes;
    }

    void delete() {
      deletes++;
    }

    void txn() {
      txns++;
    }
  }

  void add(Batch batch) {
    add(ranges, batch.ranges);
    add(puts, batch.puts);
    add(putBytes, batch.putBytes);
    add(deletes, batch.deletes);
    add(txns, batch.txns);
  }

  private static void add(LongAdder to, long what) {
    if (what != 0) {
      to.add(what);
    }
  }

  void range() {
    ranges.increment();
  }

  void add(List<LeaseChange> changes) {
    for (var change : changes) {
      switch (change) {
        case LeaseChange.Granted lease -> {
          granted.increment();
          ttls.record(lease.ttl());
        }
        case LeaseChange.Gone lease -> revoked.increment();
        case LeaseChange.Checkpointed lease -> {
          // Neither begins nor ends it.
        }
      }
    }
  }

  void removedVersion() {
    removedVersions.increment();
  }

  /** Ranges read here, by themselves or in a transaction. */
  public long ranges() {
    return ranges.sum();
  }

  /** Puts applied, by themselves or in a transaction. */
  public long puts() {
    return puts.sum();
  }

  /** Keys and values of all puts. */
  public long putBytes() {
    return putBytes.sum();
  }

  /** Deletes of a key or range, by themselves or in a transaction, and of keys of ended leases. */
  public long deletes() {
    return deletes.sum();
  }

  /** Transactions applied; a nested one is a part of another. */
  public long txns() {
    return txns.sum();
  }

  public long leasesGranted() {
    return granted.sum();
  }

  /** Leases that ended, however. */
  public long leasesRevoked() {
    return revoked.sum();
  }

  /** Of the leases granted, in seconds. */
  public Histogram ttls() {
    return ttls;
  }

  /** Versions, tombstones among them, that went for good after compactions. */
  public long removedVersions() {
    return removedVersions.sum();
  }
}
