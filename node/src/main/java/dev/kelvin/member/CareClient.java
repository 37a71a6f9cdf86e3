package dev.kelvin.member;

import dev.kelvin.peer.PeerAddress;
import dev.kelvin.proto.care.CareGrpc;
import dev.kelvin.proto.care.JoinRequest;
import dev.kelvin.proto.care.MembersResponse;
import dev.kelvin.proto.care.PromoteRequest;
import dev.kelvin.proto.care.RemoveRequest;
import dev.kelvin.proto.care.Routing;
import dev.kelvin.proto.care.StatusRequest;
import dev.kelvin.proto.care.StatusResponse;
import dev.kelvin.proto.care.TransferRequest;
import dev.kelvin.proto.care.TransferResponse;
import dev.kelvin.proto.care.UpdateRequest;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.Member;
import dev.kelvin.store.MemberChange;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Asks the care service of other members. Calls are rare: each has a connection of its own, so that
 * none is kept to an address that may have changed hands.
 */
final class CareClient {
  /** Above what a leader takes to decide: 7 s with standard timings, a transfer before included. */
  private static final long CHANGE_SECONDS = 12;

  private static final long STATUS_MILLIS = 1_000;

  private final EventLoopGroup loops;

  CareClient(EventLoopGroup loops) {
    this.loops = loops;
  }

  /** Has the leader carry a change out. */
  void change(ClusterState cluster, long leader, MemberChange change, MemberChanges.Answer answer) {
    var address = address(cluster, leader);
    if (address.isEmpty()) {
      answer.refused(Refusal.NOT_LEADER);
      return;
    }
    var channel = connect(address.get());
    var stub = CareGrpc.newStub(channel).withDeadlineAfter(CHANGE_SECONDS, TimeUnit.SECONDS);
    var routing = routing(cluster);
    var observer =
        new Once<MembersResponse>(channel) {
          @Override
          void answered(MembersResponse response) {
            answer.done(CareMessages.member(response.getMember()), CareMessages.members(response));
          }

          @Override
          void refused(Refusal refusal) {
            answer.refused(refusal);
          }
        };
    switch (change) {
      case MemberChange.Add(var member) -> stub.add(CareMessages.add(member, routing), observer);
      case MemberChange.Promote(long id) ->
          stub.promote(
              PromoteRequest.newBuilder().setMemberId(id).setRouting(routing).build(), observer);
      case MemberChange.Remove(long id) ->
          stub.remove(
              RemoveRequest.newBuilder().setMemberId(id).setRouting(routing).build(), observer);
      case MemberChange.Update(long id, var peerUrls) ->
          stub.update(
              UpdateRequest.newBuilder()
                  .setMemberId(id)
                  .addAllPeerUrls(peerUrls)
                  .setRouting(routing)
                  .build(),
              observer);
      default -> throw new IllegalArgumentException("is not passed on: " + change);
    }
  }

  /** Has the leader hand over; null is the answer when it did. */
  void transfer(ClusterState cluster, long leader, long to, Consumer<Refusal> answer) {
    var address = address(cluster, leader);
    if (address.isEmpty()) {
      answer.accept(Refusal.NOT_LEADER);
      return;
    }
    var channel = connect(address.get());
    CareGrpc.newStub(channel)
        .withDeadlineAfter(CHANGE_SECONDS, TimeUnit.SECONDS)
        .transfer(
            TransferRequest.newBuilder().setTo(to).setRouting(routing(cluster)).build(),
            new Once<TransferResponse>(channel) {
              @Override
              void answered(TransferResponse response) {
                answer.accept(null);
              }

              @Override
              void refused(Refusal refusal) {
                answer.accept(refusal);
              }
            });
  }

  /** Asks a member how it stands; empty when it does not answer. */
  void status(Member member, Consumer<Optional<StatusResponse>> answer) {
    if (member.peerUrls().isEmpty()) {
      answer.accept(Optional.empty());
      return;
    }
    status(PeerAddress.parse(member.peerUrls().getFirst()), answer);
  }

  /** The same of whoever is there. */
  void status(PeerAddress address, Consumer<Optional<StatusResponse>> answer) {
    var channel = connect(address);
    CareGrpc.newStub(channel)
        .withDeadlineAfter(STATUS_MILLIS, TimeUnit.MILLISECONDS)
        .status(
            StatusRequest.getDefaultInstance(),
            new Once<StatusResponse>(channel) {
              @Override
              void answered(StatusResponse response) {
                answer.accept(Optional.of(response));
              }

              @Override
              void refused(Refusal refusal) {
                answer.accept(Optional.empty());
              }
            });
  }

  /** Tells a node that waits to join; nothing is the answer when it asks to be let in. */
  void join(PeerAddress address, JoinRequest request, Consumer<Optional<Refusal>> answer) {
    var channel = connect(address);
    CareGrpc.newStub(channel)
        .withDeadlineAfter(CHANGE_SECONDS, TimeUnit.SECONDS)
        .join(
            request,
            new Once<StatusResponse>(channel) {
              @Override
              void answered(StatusResponse response) {
                answer.accept(Optional.empty());
              }

              @Override
              void refused(Refusal refusal) {
                answer.accept(Optional.of(refusal));
              }
            });
  }

  private static Routing routing(ClusterState cluster) {
    return Routing.newBuilder().setClusterId(cluster.id()).setForwarded(true).build();
  }

  private static Optional<PeerAddress> address(ClusterState cluster, long member) {
    return cluster
        .member(member)
        .flatMap(m -> m.peerUrls().stream().findFirst())
        .map(PeerAddress::parse);
  }

  private ManagedChannel connect(PeerAddress address) {
    return NettyChannelBuilder.forAddress(address.host(), address.port())
        .usePlaintext()
        .eventLoopGroup(loops)
        .channelType(NioSocketChannel.class)
        .directExecutor()
        .build();
  }

  /** One answer, after which the connection is closed. */
  private abstract static class Once<T> implements StreamObserver<T> {
    private final ManagedChannel channel;

    Once(ManagedChannel channel) {
      this.channel = channel;
    }

    abstract void answered(T response);

    abstract void refused(Refusal refusal);

    @Override
    public void onNext(T response) {
      channel.shutdown();
      answered(response);
    }

    @Override
    public void onError(Throwable error) {
      channel.shutdown();
      var status = Status.fromThrowable(error);
      refused(
          status.getCode() == Status.Code.DEADLINE_EXCEEDED || status.getDescription() == null
              ? Refusal.TIMEOUT
              : new Refusal(status.getCode().value(), status.getDescription()));
    }

    @Override
    public void onCompleted() {}
  }
}
