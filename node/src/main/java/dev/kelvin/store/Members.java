package dev.kelvin.store;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;

/** What a {@link MemberChange} does to the replicated list of members; pure. */
final class Members {
  /** New state and the answer; on refusal the state is the old one. */
  record Result(ClusterState cluster, Outcome outcome) {}

  private Members() {}

  static Result apply(ClusterState cluster, MemberChange change) {
    return switch (change) {
      case MemberChange.Found found -> found(cluster, found);
      case MemberChange.Add add -> add(cluster, add.member());
      case MemberChange.Promote promote -> promote(cluster, promote.id());
      case MemberChange.Remove remove -> remove(cluster, remove.id());
      case MemberChange.Update update -> update(cluster, update);
      case MemberChange.Recover recover -> recover(cluster, recover);
      case MemberChange.Claim claim -> claim(cluster, claim);
    };
  }

  private static Result found(ClusterState cluster, MemberChange.Found found) {
    if (cluster.id() != 0) {
      return refuse(cluster, StoreError.MEMBER_EXISTS);
    }
    var founded =
        new ClusterState(
            found.clusterId(), List.of(found.first()), cluster.removed(), cluster.ancestors());
    return done(founded, found.first());
  }

  private static Result add(ClusterState cluster, Member member) {
    if (member.incarnation() != 0) {
      for (var known : cluster.members()) {
        if (known.incarnation() == member.incarnation()) {
          return done(cluster, known);
        }
      }
    }
    if (cluster.member(member.id()).isPresent() || cluster.removed().contains(member.id())) {
      return refuse(cluster, StoreError.MEMBER_EXISTS);
    }
    for (var known : cluster.members()) {
      if (!Collections.disjoint(known.peerUrls(), member.peerUrls())) {
        return member.incarnation() != 0 && known.incarnation() == 0
            ? claim(cluster, known.id(), member)
            : refuse(cluster, StoreError.PEER_URL_EXISTS);
      }
    }
    if (member.learner() && cluster.members().stream().anyMatch(Member::learner)) {
      return refuse(cluster, StoreError.TOO_MANY_LEARNERS);
    }
    var members = new ArrayList<>(cluster.members());
    members.add(member);
    members.sort((a, b) -> Long.compareUnsigned(a.id(), b.id()));
    return done(with(cluster, members), member);
  }

  /** The one who joins is the one whom somebody added for that address. */
  private static Result claim(ClusterState cluster, long id, Member joining) {
    return claim(
        cluster,
        new MemberChange.Claim(
            id,
            joining.incarnation(),
            joining.name(),
            joining.peerUrls(),
            joining.clientUrls(),
            joining.format()));
  }

  private static Result promote(ClusterState cluster, long id) {
    var member = cluster.member(id).orElse(null);
    if (member == null) {
      return refuse(cluster, StoreError.MEMBER_NOT_FOUND);
    }
    if (!member.learner()) {
      return refuse(cluster, StoreError.MEMBER_NOT_LEARNER);
    }
    var voter =
        new Member(
            id,
            member.name(),
            member.peerUrls(),
            member.clientUrls(),
            false,
            member.incarnation(),
            member.format());
    return done(replace(cluster, voter), voter);
  }

  private static Result remove(ClusterState cluster, long id) {
    var member = cluster.member(id).orElse(null);
    if (member == null) {
      return refuse(cluster, StoreError.MEMBER_NOT_FOUND);
    }
    var members = new ArrayList<>(cluster.members());
    members.remove(member);
    if (members.stream().allMatch(Member::learner)) {
      // Nobody could ever decide anything again.
      return refuse(cluster, StoreError.NOT_ENOUGH_STARTED);
    }
    var removed = new TreeSet<>(cluster.removed());
    removed.add(id);
    return done(new ClusterState(cluster.id(), members, removed, cluster.ancestors()), member);
  }

  private static Result update(ClusterState cluster, MemberChange.Update update) {
    var member = cluster.member(update.id()).orElse(null);
    if (member == null) {
      return refuse(cluster, StoreError.MEMBER_NOT_FOUND);
    }
    if (taken(cluster, update.id(), update.peerUrls())) {
      return refuse(cluster, StoreError.PEER_URL_EXISTS);
    }
    var moved =
        new Member(
            member.id(),
            member.name(),
            update.peerUrls(),
            member.clientUrls(),
            member.learner(),
            member.incarnation(),
            member.format());
    return done(replace(cluster, moved), moved);
  }

  private static Result recover(ClusterState cluster, MemberChange.Recover recover) {
    var survivor = cluster.member(recover.survivor()).orElse(null);
    if (survivor == null) {
      return refuse(cluster, StoreError.MEMBER_NOT_FOUND);
    }
    var alone =
        new Member(
            survivor.id(),
            survivor.name(),
            survivor.peerUrls(),
            survivor.clientUrls(),
            false,
            survivor.incarnation(),
            survivor.format());
    var removed = new TreeSet<>(cluster.removed());
    cluster.members().stream().map(Member::id).forEach(removed::add);
    removed.remove(survivor.id());
    var ancestors = new ArrayList<Long>();
    ancestors.add(cluster.id());
    ancestors.addAll(cluster.ancestors());
    return done(new ClusterState(recover.clusterId(), List.of(alone), removed, ancestors), alone);
  }

  private static Result claim(ClusterState cluster, MemberChange.Claim claim) {
    var member = cluster.member(claim.id()).orElse(null);
    if (member == null) {
      return refuse(cluster, StoreError.MEMBER_NOT_FOUND);
    }
    if (member.incarnation() != 0 && member.incarnation() != claim.incarnation()) {
      return refuse(cluster, StoreError.IDENTITY_CLAIMED);
    }
    if (taken(cluster, claim.id(), claim.peerUrls())) {
      return refuse(cluster, StoreError.PEER_URL_EXISTS);
    }
    var claimed =
        new Member(
            claim.id(),
            claim.name(),
            claim.peerUrls(),
            claim.clientUrls(),
            member.learner(),
            claim.incarnation(),
            claim.format());
    return done(replace(cluster, claimed), claimed);
  }

  private static ClusterState replace(ClusterState cluster, Member member) {
    var members = new ArrayList<>(cluster.members());
    members.replaceAll(m -> m.id() == member.id() ? member : m);
    return with(cluster, members);
  }

  private static ClusterState with(ClusterState cluster, List<Member> members) {
    return new ClusterState(cluster.id(), members, cluster.removed(), cluster.ancestors());
  }

  /** Whether another member is reached at one of these addresses. */
  private static boolean taken(ClusterState cluster, long id, List<String> peerUrls) {
    return cluster.members().stream()
        .anyMatch(other -> other.id() != id && !Collections.disjoint(other.peerUrls(), peerUrls));
  }

  private static Result done(ClusterState cluster, Member member) {
    return new Result(cluster, new Outcome.MemberDone(member, cluster));
  }

  private static Result refuse(ClusterState cluster, StoreError error) {
    return new Result(cluster, new Outcome.Failed(error));
  }
}
