package dev.kelvin.bench;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Connections spread evenly over endpoints, on two event loops that also run the completions: the
 * generator shares the machine with what it measures, so it must stay cheap.
 */
final class Connections implements AutoCloseable {
  private static final int EVENT_LOOPS = 2;
  private static final int LARGEST_ANSWER_BYTES = 64 << 20;

  private final EventLoopGroup loops =
      new NioEventLoopGroup(EVENT_LOOPS, new DefaultThreadFactory("bench-io", true));
  private final List<ManagedChannel> channels = new ArrayList<>();

  /**
   * @param endpoints {@code host:port}, with or without {@code http://}
   * @param count how many connections; at least one
   */
  Connections(List<String> endpoints, int count) {
    for (int i = 0; i < count; i++) {
      channels.add(open(endpoints.get(i % endpoints.size())));
    }
  }

  private ManagedChannel open(String endpoint) {
    String address = endpoint.replaceFirst("^http://", "");
    int colon = address.lastIndexOf(':');
    if (colon <= 0) {
      throw new IllegalArgumentException("endpoint '" + endpoint + "' is not host:port");
    }
    int port = Integer.parseInt(address.substring(colon + 1));
    return NettyChannelBuilder.forAddress(new InetSocketAddress(address.substring(0, colon), port))
        .eventLoopGroup(loops)
        .channelType(NioSocketChannel.class)
        .usePlaintext()
        .directExecutor()
        .disableRetry()
        .maxInboundMessageSize(LARGEST_ANSWER_BYTES)
        .build();
  }

  ManagedChannel get(int i) {
    return channels.get(i % channels.size());
  }

  int size() {
    return channels.size();
  }

  /** Runs {@code task} on an event loop after a while, unless the connections are closed first. */
  void later(Runnable task, long delayMillis) {
    try {
      loops.schedule(task, delayMillis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      if (!loops.isShuttingDown()) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }
}
