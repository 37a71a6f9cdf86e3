package dev.kelvin.member;

import dev.kelvin.meter.Histogram;
import dev.kelvin.raft.Entry;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.Position;
import dev.kelvin.store.StateMachine;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** The store with a clock at what takes time: the store itself must read none. */
final class MeteredStateMachine implements StateMachine {
  /** As etcd's --warning-apply-duration. */
  private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final double NANOS_PER_MILLI = 1e6;

  private final StateMachine stateMachine;

  // Bounds are etcd's, but for flushes and checkpoints, which it does not have.
  private final Histogram applies = Histogram.exponential(0.001, 2, 14);
  private final Histogram flushes = Histogram.exponential(0.001, 2, 16);
  private final Histogram checkpoints = Histogram.exponential(0.001, 2, 16);
  private final Histogram tidyPieces = Histogram.exponential(1, 2, 13);
  private final Histogram tidyWholes = Histogram.exponential(100, 2, 14);
  private final LongAdder slowApplies = new LongAdder();
  private volatile boolean installing;
  private volatile long tidiedMillis;

  /** Nanoseconds that the pieces of what is being tidied up took so far; one thread's. */
  private long tidying;

  MeteredStateMachine(StateMachine stateMachine) {
    this.stateMachine = stateMachine;
  }

  /** Of one batch each, in seconds. */
  Histogram applies() {
    return applies;
  }

  /** Batches that took longer than 100 ms. */
  long slowApplies() {
    return slowApplies.sum();
  }

  /** In seconds. */
  Histogram flushes() {
    return flushes;
  }

  /** In seconds. */
  Histogram checkpoints() {
    return checkpoints;
  }

  /** Of one piece of removal after a compaction each, in milliseconds. */
  Histogram tidyPieces() {
    return tidyPieces;
  }

  /** Of all the pieces until there was nothing to remove, in milliseconds. */
  Histogram tidyWholes() {
    return tidyWholes;
  }

  /** When there was last nothing to remove any more, in milliseconds since 1970; 0: not yet. */
  long tidiedMillis() {
    return tidiedMillis;
  }

  boolean installing() {
    return installing;
  }

  @Override
  public void apply(List<Entry> entries, Listener listener) {
    long begin = System.nanoTime();
    stateMachine.apply(entries, listener);
    long took = System.nanoTime() - begin;
    applies.record(took / 1e9);
    if (took > SLOW_NANOS) {
      slowApplies.increment();
    }
  }

  @Override
  public void flush() {
    long begin = System.nanoTime();
    stateMachine.flush();
    flushes.recordSince(begin);
  }

  @Override
  public Snapshot checkpoint() {
    long begin = System.nanoTime();
    var snapshot = stateMachine.checkpoint();
    checkpoints.recordSince(begin);
    return snapshot;
  }

  @Override
  public void install(Snapshot snapshot) {
    installing = true;
    try {
      stateMachine.install(snapshot);
    } finally {
      installing = false;
    }
  }

  @Override
  public boolean housekeep() {
    long begin = System.nanoTime();
    boolean worked = stateMachine.housekeep();
    if (worked) {
      long took = System.nanoTime() - begin;
      tidyPieces.record(took / NANOS_PER_MILLI);
      tidying += took;
      if (!stateMachine.hasHousekeeping()) {
        tidyWholes.record(tidying / NANOS_PER_MILLI);
        tidying = 0;
        tidiedMillis = System.currentTimeMillis();
      }
    }
    return worked;
  }

  @Override
  public boolean hasHousekeeping() {
    return stateMachine.hasHousekeeping();
  }

  @Override
  public Position applied() {
    return stateMachine.applied();
  }

  @Override
  public Position durable() {
    return stateMachine.durable();
  }

  @Override
  public ClusterState cluster() {
    return stateMachine.cluster();
  }

  @Override
  public void discard(Snapshot snapshot) {
    stateMachine.discard(snapshot);
  }

  @Override
  public void close() {
    stateMachine.close();
  }
}
