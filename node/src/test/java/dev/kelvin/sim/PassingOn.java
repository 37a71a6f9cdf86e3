package dev.kelvin.sim;

import dev.kelvin.raft.Entry;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.Position;
import dev.kelvin.store.StateMachine;
import java.util.List;

/**
 * Something between a replica and its state machine, that passes on whatever it does not change.
 */
abstract class PassingOn implements StateMachine {
  final StateMachine inner;

  PassingOn(StateMachine inner) {
    this.inner = inner;
  }

  @Override
  public void apply(List<Entry> entries, Listener listener) {
    inner.apply(entries, listener);
  }

  @Override
  public void install(Snapshot snapshot) {
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
