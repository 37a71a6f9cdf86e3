package dev.kelvin.member;

import dev.kelvin.raft.RaftStatus;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.Member;
import dev.kelvin.store.MemberChange;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What only a leader knows about a change of members: who lives and how far they are. etcd's strict
 * reconfiguration check ({@code mayAddMember}, {@code mayPromoteMember}, {@code mayRemoveMember} in
 * server/etcdserver/server.go). What the replicated list of members tells is checked when the
 * change is applied.
 */
final class ChangeChecks {
  /** Entries that a learner in sync may still be behind. */
  private static final long MAX_LEARNER_LAG = 5_000;

  private ChangeChecks() {}

  /**
   * @param status the leader's
   * @return why not, or null
   */
  static Refusal check(MemberChange change, ClusterState cluster, RaftStatus status) {
    return switch (change) {
      case MemberChange.Add(var member) -> add(member, cluster, status);
      case MemberChange.Promote(long id) -> promote(id, cluster, status);
      case MemberChange.Remove(long id) -> remove(id, cluster, status);
      default -> null;
    };
  }

  private static Refusal add(Member added, ClusterState cluster, RaftStatus status) {
    if (added.learner()) {
      return null;
    }
    var voters = voters(cluster);
    if (voters.size() == 1) {
      // No second voter could ever be added otherwise.
      return null;
    }
    long started = voters.stream().filter(ChangeChecks::started).count();
    if (started < majority(voters.size() + 1)) {
      return Refusal.NOT_ENOUGH_STARTED;
    }
    // Until it is started the new one counts as down.
    return living(voters, status) < majority(voters.size() + 1) ? Refusal.UNHEALTHY : null;
  }

  private static Refusal promote(long id, ClusterState cluster, RaftStatus status) {
    var learner = cluster.member(id).filter(Member::learner).orElse(null);
    if (learner == null) {
      return null;
    }
    var peer = peer(id, status);
    if (peer.isEmpty()
        || !peer.get().active()
        || peer.get().state() != RaftStatus.State.REPLICATE
        || status.lastIndex() - peer.get().match() > MAX_LEARNER_LAG) {
      return Refusal.LEARNER_NOT_READY;
    }
    var voters = voters(cluster);
    int quorum = majority(voters.size() + 1);
    if (voters.stream().filter(ChangeChecks::started).count() + 1 < quorum) {
      return Refusal.NOT_ENOUGH_STARTED;
    }
    return living(voters, status) + 1 < quorum ? Refusal.UNHEALTHY : null;
  }

  private static Refusal remove(long id, ClusterState cluster, RaftStatus status) {
    var member = cluster.member(id).orElse(null);
    if (member == null || member.learner()) {
      return null;
    }
    var rest = voters(cluster).stream().filter(v -> v.id() != id).toList();
    if (rest.isEmpty()
        || rest.stream().filter(ChangeChecks::started).count() < majority(rest.size())) {
      return Refusal.NOT_ENOUGH_STARTED;
    }
    // One that is down does not count for the quorum there is: away with it.
    if (!lives(id, status)) {
      return null;
    }
    return living(rest, status) < majority(rest.size()) ? Refusal.UNHEALTHY : null;
  }

  /**
   * The voter to hand leadership to: alive, fed without a gap, and the furthest of those.
   *
   * @return empty if there is none
   */
  static Optional<Long> successor(RaftStatus status) {
    return status.peers().stream()
        .filter(p -> !p.learner() && p.active() && p.state() == RaftStatus.State.REPLICATE)
        .max(Comparator.comparingLong(RaftStatus.Peer::match))
        .map(RaftStatus.Peer::member);
  }

  private static List<Member> voters(ClusterState cluster) {
    return cluster.members().stream().filter(m -> !m.learner()).toList();
  }

  /** Whether a process ever claimed the identity. */
  private static boolean started(Member member) {
    return member.incarnation() != 0;
  }

  private static long living(List<Member> members, RaftStatus status) {
    return members.stream().filter(m -> lives(m.id(), status)).count();
  }

  private static boolean lives(long id, RaftStatus status) {
    return id == status.member() || peer(id, status).filter(RaftStatus.Peer::active).isPresent();
  }

  private static Optional<RaftStatus.Peer> peer(long id, RaftStatus status) {
    return status.peers().stream().filter(p -> p.member() == id).findFirst();
  }

  private static int majority(int voters) {
    return voters / 2 + 1;
  }
}
