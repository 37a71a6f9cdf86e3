package dev.kelvin.sim;

import dev.kelvin.peer.PeerMessage;
import dev.kelvin.peer.PeerMessage.Forward;
import dev.kelvin.peer.Transport;
import dev.kelvin.raft.Entry;
import dev.kelvin.raft.EntryKind;
import dev.kelvin.store.CommandCodec;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.StateMachine;
import java.util.List;

/**
 * Hands changes of members to the leader as if they were any command, past the gate that lets one
 * at a time through; when applied they are changes of members again.
 */
final class UngatedChange implements Sabotage {
  @Override
  public List<Faults.Kind> deck() {
    return List.of(Faults.Kind.ADD_MEMBER, Faults.Kind.ADD_MEMBER, Faults.Kind.CHANGE_SIDE_BY_SIDE);
  }

  @Override
  public Transport transport(long member, Transport transport) {
    return new OtherTransport(transport, UngatedChange::disguised);
  }

  private static PeerMessage disguised(PeerMessage message) {
    return message instanceof Forward m
        ? new Forward(m.from(), m.to(), m.term(), false, m.requests(), m.commands())
        : message;
  }

  @Override
  public StateMachine stateMachine(StateMachine stateMachine, Memory memory) {
    return new PassingOn(stateMachine) {
      @Override
      public void apply(List<Entry> entries, Listener listener) {
        inner.apply(entries.stream().map(UngatedChange::undisguised).toList(), listener);
      }
    };
  }

  private static Entry undisguised(Entry entry) {
    return entry.kind() == EntryKind.COMMAND
            && CommandCodec.standard().decode(entry.data()).kind() == CommandKind.MEMBER
        ? new Entry(entry.index(), entry.term(), EntryKind.MEMBERSHIP, entry.data())
        : entry;
  }
}
