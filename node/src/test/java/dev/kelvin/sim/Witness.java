package dev.kelvin.sim;

import dev.kelvin.checker.Violation;
import dev.kelvin.raft.Entry;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.StateMachine;
import java.util.List;

/** Watches what a replica does to its state machine, and changes nothing. */
final class Witness extends PassingOn {
  private final Invariants invariants;
  private final String node;

  Witness(StateMachine inner, Invariants invariants, String node) {
    super(inner);
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
}
