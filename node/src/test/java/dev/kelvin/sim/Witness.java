package dev.kelvin.sim;

import dev.kelvin.raft.Entry;
import dev.kelvin.sim.checker.Violation;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.Position;
import dev.kelvin.store.StateMachine;
import java.util.List;

/** Watches what a replica does to its state machine, and changes nothing. */
final class Witness implements StateMachine {
  private final StateMachine inner;
  private final Invariants invariants;
  private final String node;

  Witness(StateMachine inner, Invariants invariants, String node) {
    this.inner = inner;
    this.invariants = invariants;
    this.node = node;
  }

  @Override
  public void apply(List<Entry> entries, Listener listener) {
    long next = inner.applied().index() + 1;
    for (var entry : entries) {
      if (entry.index() != next++) {
        throw new Violation(
            "log matching", node + " applies entry " + entry.index() + " after " + (next - 2));
      }
      invariants.applied(entry, node);
    }
    inner.apply(
        entries,
        new Listener() {
          @Override
          public boolean waits(long incarnation, long request) {
            return listener.waits(incarnation, request);
          }

          @Override
          public void outcome(long request, Outcome outcome) {
            listener.outcome(request, outcome);
          }

          @Override
          public void membership(long index, ClusterState cluster) {
            invariants.cluster(index, cluster, node);
            listener.membership(index, cluster);
          }
        });
  }

  @Override
  public void install(Snapshot snapshot) {
    invariants.installed(snapshot.meta(), node);
    inner.install(snapshot);
  }

  @Override
  public Position applied() {
    return inner.applied();
  }

  @Override
  public Position durable() {
    return inner.durable();
  }

  @Override
  public ClusterState cluster() {
    return inner.cluster();
  }

  @Override
  public void flush() {
    inner.flush();
  }

  @Override
  public Snapshot checkpoint() {
    return inner.checkpoint();
  }

  @Override
  public void discard(Snapshot snapshot) {
    inner.discard(snapshot);
  }

  @Override
  public boolean hasHousekeeping() {
    return inner.hasHousekeeping();
  }

  @Override
  public boolean housekeep() {
    return inner.housekeep();
  }

  @Override
  public void close() {
    inner.close();
  }
}
