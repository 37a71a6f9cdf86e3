package dev.kelvin.operator.care;

import com.google.common.util.concurrent.ListenableFuture;
import dev.kelvin.proto.care.BootstrapRequest;
import dev.kelvin.proto.care.CareGrpc;
import dev.kelvin.proto.care.CareGrpc.CareBlockingStub;
import dev.kelvin.proto.care.JoinRequest;
import dev.kelvin.proto.care.PromoteRequest;
import dev.kelvin.proto.care.RecoverRequest;
import dev.kelvin.proto.care.RemoveRequest;
import dev.kelvin.proto.care.Routing;
import dev.kelvin.proto.care.SetAsideRequest;
import dev.kelvin.proto.care.Snapshot;
import dev.kelvin.proto.care.StatusRequest;
import dev.kelvin.proto.care.StatusResponse;
import dev.kelvin.proto.care.TransferRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Asks nodes, by the addresses of their pods. A connection lasts for one call: addresses change
 * with pods, and calls are few. Nothing blocks for longer than its deadline. Any thread may call.
 */
public final class CareClient implements AutoCloseable {
  private final Duration statusDeadline;
  private final Duration changeDeadline;
  private final EventLoopGroup loops =
      new NioEventLoopGroup(1, new DefaultThreadFactory("kelvin-care", true));

  /**
   * @param statusDeadline for looking: a node answers from memory
   * @param changeDeadline for everything else: a leader may have to be found and a majority to
   *     agree
   */
  public CareClient(Duration statusDeadline, Duration changeDeadline) {
    this.statusDeadline = statusDeadline;
    this.changeDeadline = changeDeadline;
  }

  /**
   * Asks all nodes at once, and waits until each has answered or the deadline is over.
   *
   * @param addresses by whatever the caller tells them apart
   * @return answers of those that gave one
   */
  public Map<String, StatusResponse> statuses(Map<String, CareAddress> addresses)
      throws InterruptedException {
    List<ManagedChannel> channels = new ArrayList<>();
    Map<String, ListenableFuture<StatusResponse>> asked = new HashMap<>();
    try {
      addresses.forEach(
          (key, address) -> {
            var channel = channel(address);
            channels.add(channel);
            asked.put(
                key,
                CareGrpc.newFutureStub(channel)
                    .withDeadlineAfter(statusDeadline.toMillis(), TimeUnit.MILLISECONDS)
                    .status(StatusRequest.getDefaultInstance()));
          });
      Map<String, StatusResponse> answers = new HashMap<>();
      for (var call : asked.entrySet()) {
        try {
          answers.put(call.getKey(), call.getValue().get());
        } catch (ExecutionException e) {
          // No answer is an answer: the caller sees that this one is missing.
          continue;
        }
      }
      return answers;
    } finally {
      channels.forEach(ManagedChannel::shutdownNow);
    }
  }

  /**
   * Has a node found a cluster.
   *
   * @param from snapshot to found it of; the node answers at once then, and its status tells how it
   *     goes
   */
  public void bootstrap(CareAddress node, long cluster, long incarnation, Optional<Snapshot> from)
      throws CareException {
    var request = BootstrapRequest.newBuilder().setClusterId(cluster).setIncarnation(incarnation);
    from.ifPresent(request::setSnapshot);
    call(node, stub -> stub.bootstrap(request.build()));
  }

  /**
   * Has a node ask to be let in.
   *
   * @param incarnation this is meant for: another process may answer at the address by now
   * @param members peer addresses
   */
  public void join(CareAddress node, long incarnation, List<String> members) throws CareException {
    call(
        node,
        stub ->
            stub.join(
                JoinRequest.newBuilder()
                    .addAllMembers(members)
                    .setIncarnation(incarnation)
                    .build()));
  }

  /** Makes a learner a voter; any member may be asked. */
  public void promote(CareAddress node, long cluster, long member) throws CareException {
    call(
        node,
        stub ->
            stub.promote(
                PromoteRequest.newBuilder()
                    .setMemberId(member)
                    .setRouting(routing(cluster))
                    .build()));
  }

  /** Removes a member; any other may be asked. */
  public void remove(CareAddress node, long cluster, long member) throws CareException {
    call(
        node,
        stub ->
            stub.remove(
                RemoveRequest.newBuilder()
                    .setMemberId(member)
                    .setRouting(routing(cluster))
                    .build()));
  }

  /** Hands leadership to a member; any may be asked. */
  public void transfer(CareAddress node, long cluster, long to) throws CareException {
    call(
        node,
        stub ->
            stub.transfer(
                TransferRequest.newBuilder().setTo(to).setRouting(routing(cluster)).build()));
  }

  /** Has a node set the data of its removed identity aside. */
  public void setAside(CareAddress node, long member) throws CareException {
    call(node, stub -> stub.setAside(SetAsideRequest.newBuilder().setMemberId(member).build()));
  }

  /** Has a survivor go on alone. */
  public void recover(CareAddress node, long member, long cluster, long newCluster)
      throws CareException {
    call(
        node,
        stub ->
            stub.recover(
                RecoverRequest.newBuilder()
                    .setMemberId(member)
                    .setClusterId(cluster)
                    .setNewClusterId(newCluster)
                    .build()));
  }

  private static Routing routing(long cluster) {
    return Routing.newBuilder().setClusterId(cluster).build();
  }

  private interface Call {
    Object on(CareBlockingStub stub);
  }

  private void call(CareAddress address, Call call) throws CareException {
    var channel = channel(address);
    try {
      call.on(
          CareGrpc.newBlockingStub(channel)
              .withDeadlineAfter(changeDeadline.toMillis(), TimeUnit.MILLISECONDS));
    } catch (StatusRuntimeException e) {
      throw new CareException(address, e.getStatus());
    } finally {
      channel.shutdownNow();
    }
  }

  private ManagedChannel channel(CareAddress address) {
    return NettyChannelBuilder.forAddress(address.host(), address.port())
        .usePlaintext()
        .eventLoopGroup(loops)
        .channelType(NioSocketChannel.class)
        .directExecutor()
        .build();
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
