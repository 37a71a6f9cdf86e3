package dev.kelvin.sim;

import dev.kelvin.peer.PeerMessage;
import dev.kelvin.peer.Transport;
import dev.kelvin.raft.Message.InstallSnapshot;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.StateMachine.Snapshot;
import java.util.function.UnaryOperator;

/** A transport that sends something else instead. */
record OtherTransport(Transport inner, UnaryOperator<PeerMessage> instead) implements Transport {
  @Override
  public void send(PeerMessage message) {
    inner.send(instead.apply(message));
  }

  @Override
  public void sendSnapshot(InstallSnapshot message, Snapshot snapshot, SnapshotSent done) {
    inner.sendSnapshot(message, snapshot, done);
  }

  @Override
  public void members(ClusterState cluster) {
    inner.members(cluster);
  }
}
