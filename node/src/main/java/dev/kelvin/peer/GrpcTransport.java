package dev.kelvin.peer;

import dev.kelvin.proto.peer.Hello;
import dev.kelvin.raft.Message.InstallSnapshot;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.StateMachine.Snapshot;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jboss.logging.Logger;

/**
 * Transport over gRPC: one message stream to each other member, snapshots on calls of their own.
 */
public final class GrpcTransport implements Transport, AutoCloseable {
  private static final Logger LOG = Logger.getLogger("kelvin.peer");

  /** A peer whose machine vanished without a word is noticed after this, twice. */
  private static final int KEEPALIVE_SECONDS = 10;

  private static final int CONNECT_MILLIS = 2_000;

  private record Target(PeerAddress address, PeerLink link) {}

  private final PeerIdentity self;
  private final String ownUrl;
  private final EventLoopGroup loops;
  private final BiConsumer<Long, Status> unreachable;
  private final long snapshotRate;
  private final PeerMeters meters;

  private final ExecutorService snapshots =
      Executors.newFixedThreadPool(
          SNAPSHOTS_AT_ONCE,
          Thread.ofPlatform().name("kelvin-snapshot-send-", 1).daemon().factory());

  /** Snapshots go by connections of their own: consensus must not wait behind them. */
  private final EventLoopGroup snapshotLoops =
      new NioEventLoopGroup(1, new DefaultThreadFactory("kelvin-snapshot", true));

  /** By member. Replaced whole, so that {@link #send} reads it without a lock. */
  private volatile Map<Long, Target> targets = Map.of();

  /** Where the members known here are reached. */
  private Map<Long, PeerAddress> listed = Map.of();

  /** Where members are reached that connected to this one, as they say. */
  private final Map<Long, PeerAddress> met = new HashMap<>();

  private boolean closed;

  /**
   * @param ownUrl where others reach this member
   * @param snapshotRate bytes a second of each snapshot sent
   * @param unreachable told of each member whose stream broke or could not be made, and why
   */
  public GrpcTransport(
      PeerIdentity self,
      String ownUrl,
      EventLoopGroup loops,
      long snapshotRate,
      BiConsumer<Long, Status> unreachable,
      PeerMeters meters) {
    this.self = self;
    this.meters = meters;
    this.ownUrl = ownUrl;
    this.snapshotRate = snapshotRate;
    this.loops = loops;
    this.unreachable = unreachable;
  }

  @Override
  public void send(PeerMessage message) {
    var target = targets.get(message.to());
    if (target != null) {
      target.link.send(message);
    }
  }

  @Override
  public void sendSnapshot(InstallSnapshot message, Snapshot snapshot, SnapshotSent done) {
    var target = targets.get(message.to());
    if (target == null) {
      done.done(false);
      return;
    }
    snapshots.execute(
        () -> {
          boolean success = false;
          try {
            new SnapshotSender(
                    () -> channel(target.address, snapshotLoops.next()),
                    hello(message.to()),
                    message,
                    Path.of(snapshot.path()),
                    SnapshotSender.Limits.of(snapshotRate),
                    meters.of(message.to()))
                .send();
            success = true;
          } catch (IOException e) {
            LOG.warnf(
                "snapshot to %016x at %s failed: %s", message.to(), target.address, e.getMessage());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } finally {
            done.done(success);
          }
        });
  }

  @Override
  public synchronized void members(ClusterState cluster) {
    met.keySet().removeAll(cluster.removed());
    var addresses = new HashMap<Long, PeerAddress>();
    for (var member : cluster.members()) {
      if (!member.peerUrls().isEmpty()) {
        addresses.put(member.id(), PeerAddress.parse(member.peerUrls().getFirst()));
      }
    }
    addresses(addresses);
  }

  /** As {@link #members}, from addresses alone: what a joiner was told. */
  public synchronized void addresses(Map<Long, PeerAddress> addresses) {
    listed = Map.copyOf(addresses);
    connect();
  }

  @Override
  public synchronized void met(long member, String peerUrl) {
    try {
      met.put(member, PeerAddress.parse(peerUrl));
    } catch (IllegalArgumentException e) {
      // An older version does not say.
      return;
    }
    if (!listed.containsKey(member)) {
      connect();
    }
  }

  private void connect() {
    if (closed) {
      return;
    }
    var addresses = new HashMap<>(met);
    addresses.putAll(listed);
    var now = new HashMap<Long, Target>();
    var gone = new ArrayList<Target>();
    for (var old : targets.entrySet()) {
      if (old.getValue().address.equals(addresses.get(old.getKey()))) {
        now.put(old.getKey(), old.getValue());
      } else {
        gone.add(old.getValue());
      }
    }
    addresses.forEach(
        (member, address) -> {
          if (member != self.member() && !now.containsKey(member)) {
            now.put(member, connect(member, address));
          }
        });
    targets = Map.copyOf(now);
    gone.forEach(target -> target.link.close());
  }

  private Target connect(long member, PeerAddress address) {
    EventLoop loop = loops.next();
    ManagedChannel channel = channel(address, loop);
    var link =
        new PeerLink(
            hello(member),
            channel,
            loop,
            status -> unreachable.accept(member, status),
            meters.of(member));
    link.start();
    return new Target(address, link);
  }

  private static ManagedChannel channel(PeerAddress address, EventLoop loop) {
    return NettyChannelBuilder.forAddress(address.host(), address.port())
        .usePlaintext()
        .eventLoopGroup(loop)
        .channelType(NioSocketChannel.class)
        // A pod that came back has another address: the old one must not be waited for long.
        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
        .directExecutor()
        .flowControlWindow(8 << 20)
        .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
        .build();
  }

  private Hello hello(long to) {
    return Hello.newBuilder()
        .setClusterId(self.clusterId())
        .setFrom(self.member())
        .setTo(to)
        .setIncarnation(self.incarnation())
        .setPeerUrl(ownUrl)
        .setMinFormat(MessageCodec.MIN_VERSION)
        .setMaxFormat(MessageCodec.MAX_VERSION)
        .build();
  }

  @Override
  public synchronized void close() {
    closed = true;
    targets.values().forEach(target -> target.link.close());
    targets = Map.of();
    snapshots.shutdownNow();
    snapshotLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
