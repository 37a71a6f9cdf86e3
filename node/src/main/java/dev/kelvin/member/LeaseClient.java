package dev.kelvin.member;

import dev.kelvin.duty.LeaseAsk;
import dev.kelvin.duty.Lessor;
import dev.kelvin.peer.PeerAddress;
import dev.kelvin.proto.lease.AskRequest;
import dev.kelvin.proto.lease.AskResponse;
import dev.kelvin.proto.lease.LeaseTimesGrpc;
import dev.kelvin.proto.lease.Question;
import dev.kelvin.store.ClusterState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Asks the leader about leases, by a connection that is kept for as long as it leads and answers.
 * For one lane; answers come there.
 */
final class LeaseClient implements LeaseDesk.Others, AutoCloseable {
  private final Supplier<ClusterState> cluster;
  private final EventLoopGroup loops;
  private final Executor lane;
  private final int deadlineMillis;
  private PeerAddress address;
  private ManagedChannel channel;

  /**
   * @param deadlineMillis of a call, and for making a connection
   */
  LeaseClient(
      Supplier<ClusterState> cluster, EventLoopGroup loops, Executor lane, int deadlineMillis) {
    this.cluster = cluster;
    this.loops = loops;
    this.lane = lane;
    this.deadlineMillis = deadlineMillis;
  }

  @Override
  public void ask(long leader, List<LeaseAsk> asked, Lessor.Answer answer) {
    var now = cluster.get();
    var url = now.member(leader).flatMap(m -> m.peerUrls().stream().findFirst());
    if (url.isEmpty()) {
      answer.unknown();
      return;
    }
    connect(PeerAddress.parse(url.get()));
    var request = AskRequest.newBuilder().setClusterId(now.id());
    for (var ask : asked) {
      request.addQuestions(Question.newBuilder().setLease(ask.lease()).setRenew(ask.renew()));
    }
    LeaseTimesGrpc.newStub(channel)
        .withDeadlineAfter(deadlineMillis, TimeUnit.MILLISECONDS)
        .ask(
            request.build(),
            new StreamObserver<>() {
              private AskResponse response;

              @Override
              public void onNext(AskResponse said) {
                response = said;
              }

              @Override
              public void onError(Throwable error) {
                onLane(
                    () -> {
                      // Another leader, another address, a broken connection: all begin anew.
                      close();
                      answer.unknown();
                    });
              }

              @Override
              public void onCompleted() {
                onLane(
                    () -> {
                      if (response == null || response.getTimesCount() != asked.size()) {
                        answer.unknown();
                      } else {
                        answer.done(
                            response.getTimesList().stream()
                                .map(t -> new LeaseAsk.Times(t.getSeconds(), t.getGranted()))
                                .toList());
                      }
                    });
              }
            });
  }

  private void onLane(Runnable task) {
    try {
      lane.execute(task);
    } catch (RejectedExecutionException e) {
      // This node has stopped.
      return;
    }
  }

  private void connect(PeerAddress to) {
    if (channel != null && to.equals(address)) {
      return;
    }
    close();
    address = to;
    channel =
        NettyChannelBuilder.forAddress(to.host(), to.port())
            .usePlaintext()
            .eventLoopGroup(loops)
            .channelType(NioSocketChannel.class)
            .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, deadlineMillis)
            .directExecutor()
            .build();
  }

  @Override
  public void close() {
    if (channel != null) {
      channel.shutdownNow();
      channel = null;
    }
  }
}
