package dev.kelvin.sim;

import dev.kelvin.peer.MessageCodec;
import dev.kelvin.peer.PeerMessage;
import dev.kelvin.peer.Transport;
import dev.kelvin.raft.Message.InstallSnapshot;
import dev.kelvin.raft.Message.VoteResponse;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.StateMachine.Snapshot;
import java.util.List;

/** A node's transport: real frames on the simulated network, snapshots copied after a while. */
final class SimTransport implements Transport {
  private static final long SNAPSHOT_TIME = 30 * Scheduler.MILLISECOND;

  /** One stream of files in so many breaks. */
  private static final int RESETS_ONE_IN = 6;

  private final World world;
  private final SimNode node;
  private final Life life;

  SimTransport(World world, SimNode node, Life life) {
    this.world = world;
    this.node = node;
    this.life = life;
  }

  @Override
  public void send(PeerMessage message) {
    var to = world.machineOf(message.to());
    if (to == null) {
      return;
    }
    world.trace().line(node.name(), "to " + to.name() + ": " + Words.of(message));
    var frame = MessageCodec.encode(List.of(message));
    world
        .network()
        .send(
            node.place(),
            to.place(),
            message instanceof PeerMessage.Consensus,
            () -> to.receive(frame));
    if (message instanceof PeerMessage.Consensus(VoteResponse vote)
        && vote.granted()
        && !vote.preVote()) {
      node.voted();
    }
  }

  @Override
  public void sendSnapshot(InstallSnapshot message, Snapshot snapshot, SnapshotSent done) {
    var to = world.machineOf(message.to());
    world
        .scheduler()
        .after(
            Seeds.around(world.snapshotTiming(), SNAPSHOT_TIME),
            () -> {
              if (!life.lives()) {
                return;
              }
              boolean arrives =
                  to != null
                      && to.serving()
                      && to.member() == message.to()
                      && world.network().connected(node.place(), to.place())
                      && world.snapshotTiming().nextInt(RESETS_ONE_IN) > 0;
              if (arrives) {
                to.life().receiveSnapshot(message, to.volume().copySnapshot(snapshot));
              }
              done.done(arrives);
              node.wake();
            });
  }

  @Override
  public void members(ClusterState cluster) {
    // The simulated network finds every member by its number.
  }
}
