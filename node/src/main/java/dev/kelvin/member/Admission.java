package dev.kelvin.member;

import dev.kelvin.peer.PeerGate;
import dev.kelvin.peer.PeerIdentity;
import dev.kelvin.store.ClusterState;
import io.grpc.Status;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whom a node lets send it messages of consensus: members of its own cluster that mean this very
 * member, each with one data directory only, and none that was removed.
 */
final class Admission implements PeerGate {
  private final Supplier<Identity> self;
  private final Supplier<ClusterState> cluster;

  Admission(Supplier<Identity> self, Supplier<ClusterState> cluster) {
    this.self = self;
    this.cluster = cluster;
  }

  @Override
  public Optional<Status> refuse(PeerIdentity remote, long to) {
    var known = cluster.get();
    var identity = self.get();
    if (!identity.isMember() || identity.removed()) {
      return refusal("this node is not a member of any cluster");
    }
    if (remote.clusterId() != identity.clusterId()) {
      return refusal(
          "this is cluster %016x, not %016x%s"
              .formatted(
                  identity.clusterId(),
                  remote.clusterId(),
                  known.ancestors().contains(remote.clusterId())
                      ? ", which it was recovered from: empty that data directory and join"
                      : ""));
    }
    if (to != identity.memberId()) {
      return refusal("this is member %016x, not %016x".formatted(identity.memberId(), to));
    }
    if (known.removed().contains(remote.member())) {
      return Optional.of(
          Status.PERMISSION_DENIED.withDescription(
              "member %016x was removed".formatted(remote.member())));
    }
    return known
        .member(remote.member())
        .filter(m -> m.incarnation() != 0 && m.incarnation() != remote.incarnation())
        .flatMap(
            m ->
                refusal(
                    "member %016x is another data directory's identity"
                        .formatted(remote.member())));
  }

  private static Optional<Status> refusal(String why) {
    return Optional.of(Status.FAILED_PRECONDITION.withDescription(why));
  }
}
