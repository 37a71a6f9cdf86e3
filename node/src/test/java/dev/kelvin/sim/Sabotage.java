package dev.kelvin.sim;

import dev.kelvin.log.Disk;
import dev.kelvin.log.DurableLog;
import dev.kelvin.peer.Transport;
import dev.kelvin.raft.Entry;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.Position;
import dev.kelvin.store.StateMachine;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a test may put something between the parts of a node, to break it on purpose and see that
 * the simulation notices. The default changes nothing.
 */
interface Sabotage {
  Sabotage NONE = new Sabotage() {};

  /** The disk that the log of that node is to use. */
  default Disk disk(String node, Disk disk) {
    return disk;
  }

  /** The log was opened after a restart; nothing has read it yet. */
  default void restarted(DurableLog log) {}

  /** What the replica is to drive. {@code memory} is the same for all lives of a volume. */
  default StateMachine stateMachine(StateMachine stateMachine, Memory memory) {
    return stateMachine;
  }

  default Transport transport(long member, Transport transport) {
    return transport;
  }

  /** What clients' requests are put to. */
  default Replica replica(Replica replica) {
    return replica;
  }

  /** Faults to draw from; the rarer a mistake shows, the more it takes those that bring it out. */
  default List<Faults.Kind> deck() {
    return Faults.Kind.everything();
  }

  /** Lets a saboteur keep something beside a volume, durably. */
  final class Memory {
    Position applied = Position.START;
    final List<Entry> membership = new ArrayList<>();
  }
}
