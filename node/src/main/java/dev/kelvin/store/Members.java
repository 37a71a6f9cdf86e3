package dev.kelvin.store;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
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
      case MemberChange.Claim claim -> claim(cluster, claim);
    };
  }

  private static Result found(ClusterState cluster, MemberChange.Found found) {
    if (cluster.id() != 0) {
      return refuse(cluster, StoreError.MEMBER_EXISTS);
    }
    var founded = new ClusterState(found.clusterId(), List.of(found.first()), cluster.removed());
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
        return refuse(cluster, StoreError.PEER_URL_EXISTS);
      }
    }
    if (member.learner() && cluster.members().stream().anyMatch(Member::learner)) {
      return refuse(cluster, StoreError.TOO_MANY_LEARNERS);
    }
    var members = new ArrayList<>(cluster.members());
    members.add(member);
    members.sort(Comparator.comparingLong(Member::id));
    return done(new ClusterState(cluster.id(), members, cluster.removed()), member);
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
    var removed = new TreeSet<>(cluster.removed());
    removed.add(id);
    return done(new ClusterState(cluster.id(), members, removed), member);
  }

  private static Result claim(ClusterState cluster, MemberChange.Claim claim) {
    var member = cluster.member(claim.id()).orElse(null);
    if (member == null) {
      return refuse(cluster, StoreError.MEMBER_NOT_FOUND);
    }
    if (member.incarnation() != 0 && member.incarnation() != claim.incarnation()) {
      return refuse(cluster, StoreError.IDENTITY_CLAIMED);
    }
    for (var other : cluster.members()) {
      if (other.id() != claim.id() && !Collections.disjoint(other.peerUrls(), claim.peerUrls())) {
        return refuse(cluster, StoreError.PEER_URL_EXISTS);
      }
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
    return new ClusterState(cluster.id(), members, cluster.removed());
  }

  private static Result done(ClusterState cluster, Member member) {
    return new Result(cluster, new Outcome.MemberDone(member, cluster));
  }

  private static Result refuse(ClusterState cluster, StoreError error) {
    return new Result(cluster, new Outcome.Failed(error));
  }
}
