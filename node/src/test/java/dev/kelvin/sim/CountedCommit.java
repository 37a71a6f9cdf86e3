package dev.kelvin.sim;

import dev.kelvin.peer.PeerMessage;
import dev.kelvin.peer.PeerMessage.Consensus;
import dev.kelvin.peer.Transport;
import dev.kelvin.raft.Entry;
import dev.kelvin.raft.Message.AppendRequest;
import dev.kelvin.raft.Message.AppendResponse;
import dev.kelvin.store.StateMachine;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells followers that an entry is committed once a majority has it, whatever its term: figure 8 of
 * the Raft paper. Entries of earlier terms are sent apart from a leader's own, as small messages
 * would have it, so that the difference can show.
 */
final class CountedCommit implements Sabotage {
  private record Leadership(long leader, long term) {}

  private record Told(Leadership leadership, long follower) {}

  private final Set<Told> told = new HashSet<>();
  private final Map<Leadership, Map<Long, Long>> matches = new HashMap<>();
  private StateMachine newest;

  @Override
  public List<Faults.Kind> deck() {
    return List.of(Faults.Kind.TOPPLE_LEADERS);
  }

  @Override
  public StateMachine stateMachine(StateMachine stateMachine, Memory memory) {
    newest = stateMachine;
    return stateMachine;
  }

  @Override
  public Transport transport(long member, Transport transport) {
    var own = newest;
    return new OtherTransport(transport, message -> instead(message, own));
  }

  private PeerMessage instead(PeerMessage message, StateMachine own) {
    return switch (message) {
      case Consensus(AppendResponse m) when m.accepted() -> {
        matches
            .computeIfAbsent(new Leadership(m.to(), m.term()), l -> new HashMap<>())
            .merge(m.from(), m.index(), Math::max);
        yield message;
      }
      case Consensus(AppendRequest m) -> new Consensus(append(m, own));
      default -> message;
    };
  }

  private AppendRequest append(AppendRequest m, StateMachine own) {
    long counted = counted(m.from(), m.term(), own);
    if (counted <= m.commit() || !isEarlier(counted, m)) {
      // Without its own entries: they are lost on the way, as it were, and will be sent again.
      var earlier = m.entries().stream().takeWhile(entry -> entry.term() < m.term()).toList();
      return with(m, m.commit(), earlier.isEmpty() ? m.entries() : earlier);
    }
    boolean first = told.add(new Told(new Leadership(m.from(), m.term()), m.to()));
    return with(m, counted, first ? List.of() : m.entries());
  }

  private static AppendRequest with(AppendRequest m, long commit, List<Entry> entries) {
    return new AppendRequest(
        m.from(), m.to(), m.term(), m.prevIndex(), m.prevTerm(), commit, entries);
  }

  /** Whether the message shows that an entry is of an earlier term. */
  private static boolean isEarlier(long index, AppendRequest m) {
    return index == m.prevIndex()
        ? m.prevTerm() < m.term()
        : m.entries().stream().anyMatch(e -> e.index() == index && e.term() < m.term());
  }

  private Map<Long, Long> matchesOf(long leader, long term) {
    return matches.getOrDefault(new Leadership(leader, term), Map.of());
  }

  /** Highest index that a majority has, the leader included. */
  private long counted(long leader, long term, StateMachine own) {
    var known = matchesOf(leader, term);
    var have =
        own.cluster().membership().voters().stream()
            .map(voter -> voter == leader ? Long.MAX_VALUE : known.getOrDefault(voter, 0L))
            .sorted()
            .toList();
    long majority = have.isEmpty() ? 0 : have.get((have.size() - 1) / 2);
    return majority == Long.MAX_VALUE ? 0 : majority;
  }
}
