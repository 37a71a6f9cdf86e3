package dev.kelvin.member;

import dev.kelvin.proto.peer.JoinRequest;
import dev.kelvin.proto.peer.JoinResponse;
import dev.kelvin.proto.peer.PeerAddress;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Member;
import dev.kelvin.store.MemberChange;
import dev.kelvin.store.MemberChangeCodec;
import dev.kelvin.store.Outcome;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Lets nodes in: proposes them as learners and tells them who they are. */
final class JoinDoor {
  private static final Logger LOG = Logger.getLogger("kelvin.member");

  private final Supplier<Replica> replica;

  /**
   * @param replica gives null while this node is no member
   */
  JoinDoor(Supplier<Replica> replica) {
    this.replica = replica;
  }

  /**
   * ID of a member that joins unannounced: from its incarnation, so that a repeated request means
   * the same member and can be told from one that was added by hand and is promoted by hand.
   */
  static long memberId(long incarnation) {
    // The finalizer of SplitMix64.
    long z = (incarnation ^ (incarnation >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    z ^= z >>> 31;
    return z == 0 ? 1 : z;
  }

  void join(JoinRequest request, StreamObserver<JoinResponse> answer) {
    var running = replica.get();
    if (running == null) {
      PeerPort.refuse(answer, Status.UNAVAILABLE, "this node is not a member itself");
      return;
    }
    if (request.getIncarnation() == 0 || !PeerUrls.valid(request.getPeerUrlsList())) {
      PeerPort.refuse(
          answer,
          Status.INVALID_ARGUMENT,
          "a node that joins must say its incarnation and address");
      return;
    }
    var member =
        new Member(
            memberId(request.getIncarnation()),
            request.getName(),
            request.getPeerUrlsList(),
            request.getClientUrlsList(),
            true,
            request.getIncarnation(),
            request.getFormat());
    LOG.infof("%s asks to join from %s", request.getName(), request.getPeerUrlsList());
    running.propose(
        CommandKind.MEMBER,
        MemberChangeCodec.encode(new MemberChange.Add(member)),
        Runnable::run,
        new Completion(member.id(), answer));
  }

  /** Carries the outcome of a join's proposal to whoever asked. */
  private record Completion(long unannounced, StreamObserver<JoinResponse> answer)
      implements Replica.Completion {
    @Override
    public void done(Outcome outcome) {
      switch (outcome) {
        case Outcome.MemberDone(var member, var cluster) -> {
          answer.onNext(
              JoinResponse.newBuilder()
                  .setClusterId(cluster.id())
                  .setMemberId(member.id())
                  .setPromote(member.id() == unannounced)
                  .addAllMembers(addresses(cluster.members()))
                  .build());
          answer.onCompleted();
        }
        case Outcome.Failed(var error) ->
            PeerPort.refuse(answer, Status.fromCodeValue(error.code()), error.text());
        default -> throw new IllegalStateException("not the outcome of a join: " + outcome);
      }
    }

    private static List<PeerAddress> addresses(List<Member> members) {
      return members.stream()
          .map(m -> PeerAddress.newBuilder().setId(m.id()).addAllPeerUrls(m.peerUrls()).build())
          .toList();
    }

    @Override
    public void failed(Replica.Failure failure) {
      PeerPort.refuse(answer, Status.UNAVAILABLE, "the cluster did not decide: " + failure);
    }
  }
}
