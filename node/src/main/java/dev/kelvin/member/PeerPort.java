package dev.kelvin.member;

import dev.kelvin.peer.PeerAddress;
import dev.kelvin.peer.PeerGate;
import dev.kelvin.peer.PeerMeters;
import dev.kelvin.peer.PeerService;
import dev.kelvin.peer.Transport.Receiver;
import dev.kelvin.proto.peer.JoinRequest;
import dev.kelvin.proto.peer.JoinResponse;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The port on which other nodes are answered. Clients have another. */
final class PeerPort implements AutoCloseable {
  /** Two full append messages and their envelope fit. */
  private static final int MAX_MESSAGE_BYTES = 16 << 20;

  private final ScheduledExecutorService disk =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("kelvin-snapshot-receive").daemon().factory());
  private final Server server;

  /** What the port needs of its node. */
  record Hooks(
      PeerGate gate,
      Supplier<Receiver> receiver,
      Supplier<String> freshPath,
      Consumer<String> discard,
      BiConsumer<JoinRequest, StreamObserver<JoinResponse>> join,
      BindableService care,
      BindableService leases,
      PeerMeters meters) {}

  PeerPort(PeerAddress listen, EventLoopGroup loops, Hooks hooks) {
    var service =
        new PeerService(
            hooks.gate, hooks.receiver, hooks.freshPath, hooks.discard, disk, hooks.meters) {
          @Override
          public void join(JoinRequest request, StreamObserver<JoinResponse> answer) {
            hooks.join.accept(request, answer);
          }
        };
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(listen.host(), listen.port()))
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .channelType(NioServerSocketChannel.class)
            .directExecutor()
            .flowControlWindow(8 << 20)
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .permitKeepAliveTime(1, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .addService(service)
            .addService(hooks.care)
            .addService(hooks.leases)
            .build();
    try {
      server.start();
    } catch (IOException e) {
      throw new StartException(
          "cannot listen for members on %s: %s; choose another address with --listen-peer"
              .formatted(listen, e.getMessage()),
          e);
    }
  }

  static <T> void refuse(StreamObserver<T> answer, Status status, String why) {
    answer.onError(status.withDescription(why).asException());
  }

  @Override
  public void close() {
    server.shutdownNow();
    disk.shutdownNow();
  }
}
