package dev.kelvin.member;

import dev.kelvin.proto.care.StatusResponse;
import dev.kelvin.store.ClusterState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Where the leader answers JSON, for clients that are to be told. Members do not replicate it: the
 * leader is asked, once as long as the same one leads in the same term. Any thread.
 */
final class LeaderAddresses {
  /**
   * Who leads, as this node knows.
   *
   * @param leader 0 for nobody
   */
  record Standing(long leader, long term) {}

  private final Supplier<Standing> standing;
  private final Supplier<ClusterState> cluster;
  private final CareClient others;
  private Standing known = new Standing(0, 0);
  private Node.Leader answer;
  private Standing asked;
  private List<Consumer<Optional<Node.Leader>>> waiting = new ArrayList<>();

  LeaderAddresses(Supplier<Standing> standing, Supplier<ClusterState> cluster, CareClient others) {
    this.standing = standing;
    this.cluster = cluster;
    this.others = others;
  }

  /** As {@link Node#leader}. */
  void ask(Consumer<Optional<Node.Leader>> told) {
    var now = standing.get();
    var member = cluster.get().member(now.leader());
    if (member.isEmpty()) {
      told.accept(Optional.empty());
      return;
    }
    Node.Leader cached = null;
    synchronized (this) {
      if (now.equals(known)) {
        cached = answer;
      } else {
        waiting.add(told);
        if (now.equals(asked)) {
          return;
        }
        asked = now;
      }
    }
    if (cached != null) {
      told.accept(Optional.of(cached));
      return;
    }
    others.status(member.get(), said -> heard(now, member.get().name(), said));
  }

  private void heard(Standing then, String name, Optional<StatusResponse> said) {
    var leader =
        new Node.Leader(then.leader(), name, said.map(StatusResponse::getJsonAddress).orElse(""));
    List<Consumer<Optional<Node.Leader>>> due;
    synchronized (this) {
      if (said.isPresent()) {
        known = then;
        answer = leader;
      }
      asked = null;
      due = waiting;
      waiting = new ArrayList<>();
    }
    due.forEach(told -> told.accept(Optional.of(leader)));
  }
}
