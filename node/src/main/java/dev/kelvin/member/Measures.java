package dev.kelvin.member;

import dev.kelvin.duty.Lessor;
import dev.kelvin.meter.Histogram;
import dev.kelvin.replica.ReplicaMeter;
import dev.kelvin.store.StoreMeter;
import java.util.function.LongSupplier;

/**
 * What a member counts and measures of itself since its replica began. Read by any thread, at once;
 * times in histograms are in seconds unless their name says otherwise.
 */
public final class Measures {
  private final MeteredDisk logDisk;
  private final MeteredStateMachine applying;
  private final ReplicaMeter replica;
  private final StoreMeter store;
  private final Lessor lessor;
  private final LongSupplier logBytes;
  private final LongSupplier room;

  Measures(
      MeteredDisk logDisk,
      MeteredStateMachine applying,
      ReplicaMeter replica,
      StoreMeter store,
      Lessor lessor,
      LongSupplier logBytes,
      LongSupplier room) {
    this.logDisk = logDisk;
    this.applying = applying;
    this.replica = replica;
    this.store = store;
    this.lessor = lessor;
    this.logBytes = logBytes;
    this.room = room;
  }

  public ReplicaMeter replica() {
    return replica;
  }

  public StoreMeter store() {
    return store;
  }

  /** Of each force of a file of the log. */
  public Histogram logForces() {
    return logDisk.forces();
  }

  /** Of each write to a file of the log. */
  public Histogram logWrites() {
    return logDisk.writes();
  }

  /** Records and headers, without the zeros that reserve space. */
  public long logWrittenBytes() {
    return logDisk.writtenBytes();
  }

  /** Of the log's files, preallocated space included. */
  public long logBytes() {
    return logBytes.getAsLong();
  }

  /** How long the store took for each batch of entries. */
  public Histogram applies() {
    return applying.applies();
  }

  /** Batches that took the store longer than 100 ms. */
  public long slowApplies() {
    return applying.slowApplies();
  }

  public Histogram storeFlushes() {
    return applying.flushes();
  }

  public Histogram storeCheckpoints() {
    return applying.checkpoints();
  }

  /** Of one piece of removal after a compaction each. */
  public Histogram tidyPieceMillis() {
    return applying.tidyPieces();
  }

  /** Of all pieces until nothing was left to be removed. */
  public Histogram tidyMillis() {
    return applying.tidyWholes();
  }

  /** When nothing was left to be removed, in milliseconds since 1970; 0 if not since the start. */
  public long tidiedMillis() {
    return applying.tidiedMillis();
  }

  /** Whether a snapshot is taking the place of the store. */
  public boolean installing() {
    return applying.installing();
  }

  public long leasesRenewed() {
    return lessor.renewed();
  }

  public long leasesExpired() {
    return lessor.expired();
  }

  /** Bytes that the store may take before the disk is short; negative if that is not known. */
  public long roomBytes() {
    return room.getAsLong();
  }
}
