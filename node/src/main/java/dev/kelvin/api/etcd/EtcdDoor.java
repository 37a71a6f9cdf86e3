package dev.kelvin.api.etcd;

import dev.kelvin.api.Claims;
import dev.kelvin.api.ElectionRequests;
import dev.kelvin.api.LeaseRequests;
import dev.kelvin.api.Limits;
import dev.kelvin.api.LockRequests;
import dev.kelvin.api.Requests;
import dev.kelvin.member.Node;
import dev.kelvin.proto.etcdserverpb.ClusterGrpc;
import dev.kelvin.proto.etcdserverpb.KVGrpc;
import dev.kelvin.proto.etcdserverpb.LeaseGrpc;
import dev.kelvin.proto.etcdserverpb.MaintenanceGrpc;
import dev.kelvin.proto.etcdserverpb.WatchGrpc;
import dev.kelvin.proto.v1.KeyValueGrpc;
import dev.kelvin.proto.v3electionpb.ElectionGrpc;
import dev.kelvin.proto.v3lockpb.LockGrpc;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.quarkus.grpc.reflection.service.ReflectionServiceV1;
import io.quarkus.grpc.reflection.service.ReflectionServiceV1alpha;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * The client port: which services it has, how many threads, and what a connection may do. Handlers
 * run on the connection's event loop, without a hand-over, and must not block.
 */
public final class EtcdDoor implements AutoCloseable {
  /** As etcd, room for what gRPC and the request's envelope add. */
  private static final int MESSAGE_OVERHEAD = 512 * 1024;

  /** etcd has no limit; a client that opens more of them gets a queue, not our memory. */
  private static final int MAX_STREAMS_PER_CONNECTION = 8192;

  private static final int MAX_CONNECTIONS = 8192;

  private static final long DRAIN_MILLIS = 2_000;

  private final NioEventLoopGroup acceptor =
      new NioEventLoopGroup(1, new DefaultThreadFactory("client-accept", true));
  private final NioEventLoopGroup loops;
  private final Node node;
  private final Limits limits;
  private final Requests requests;
  private final BindableService health;
  private final StreamSettings streams;
  private final CallMeters calls = new CallMeters();
  private final List<SnapshotService> snapshots = new CopyOnWriteArrayList<>();
  private volatile Server server;
  private volatile Claims claims;

  public EtcdDoor(
      Node node,
      Limits limits,
      StreamSettings streams,
      Requests requests,
      BindableService health,
      int eventLoops) {
    this.node = node;
    this.limits = limits;
    this.streams = streams;
    this.requests = requests;
    this.health = health;
    loops = new NioEventLoopGroup(eventLoops, new DefaultThreadFactory("client", true));
  }

  /** A server with all services, ready to be built. */
  public NettyServerBuilder server(InetSocketAddress address) {
    var lanes = new Lanes(loops);
    var builder =
        NettyServerBuilder.forAddress(address)
            .channelFactory(() -> new BoundedServerChannel(MAX_CONNECTIONS))
            .bossEventLoopGroup(acceptor)
            .workerEventLoopGroup(loops)
            .directExecutor()
            .maxInboundMessageSize(maxMessageBytes())
            .maxConcurrentCallsPerConnection(MAX_STREAMS_PER_CONNECTION)
            // etcd's: pings at most every 5 s, none without a call; the server asks after 2 h.
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(false)
            .keepAliveTime(2, TimeUnit.HOURS)
            .keepAliveTimeout(20, TimeUnit.SECONDS);
    var definitions = new ArrayList<ServerServiceDefinition>();
    var answers = new Answers(node);
    var leader = new LeaderMonitor(node, streams.electionTimeout(), acceptor);
    var kv = new KvService(requests, answers, lanes, leader);
    definitions.add(
        RawService.bind(KVGrpc.getServiceDescriptor(), kv.methods(), kv.streams(), answers, lanes));
    var cluster = new ClusterService(node, requests, answers).methods();
    definitions.add(RawService.bind(ClusterGrpc.getServiceDescriptor(), cluster, answers, lanes));
    var maintenance = new MaintenanceService(node, requests, answers).methods();
    var snapshot = new SnapshotService(node, requests, lanes, acceptor);
    snapshots.add(snapshot);
    definitions.add(
        RawService.bind(
            MaintenanceGrpc.getServiceDescriptor(),
            maintenance,
            snapshot.streams(),
            answers,
            lanes));
    var watch =
        new WatchService(
            node, requests, answers, lanes, streams, maxMessageBytes(), leader, acceptor);
    definitions.add(
        RawService.bind(
            WatchGrpc.getServiceDescriptor(), Map.of(), watch.streams(), answers, lanes));
    var leaseRequests = new LeaseRequests(node, requests, streams.electionTimeout());
    var lease = new LeaseService(node, requests, leaseRequests, answers, lanes, leader);
    definitions.add(
        RawService.bind(
            LeaseGrpc.getServiceDescriptor(), lease.methods(), lease.streams(), answers, lanes));
    var waiting = new Claims(node, requests, leaseRequests, answers::header);
    claims = waiting;
    var locks = new LockService(new LockRequests(waiting, requests));
    definitions.add(
        RawService.bind(LockGrpc.getServiceDescriptor(), locks.methods(), answers, lanes));
    var elections = new ElectionService(new ElectionRequests(waiting, requests), lanes, leader);
    definitions.add(
        RawService.bind(
            ElectionGrpc.getServiceDescriptor(),
            elections.methods(),
            elections.streams(),
            answers,
            lanes));
    var keyValue = new KeyValueService(requests).methods();
    definitions.add(RawService.bind(KeyValueGrpc.getServiceDescriptor(), keyValue, answers, lanes));
    definitions.add(health.bindService());
    definitions.forEach(builder::addService);
    definitions.forEach(calls::add);
    builder.addStreamTracerFactory(calls);
    builder.addService(new ReflectionServiceV1(definitions));
    builder.addService(new ReflectionServiceV1alpha(definitions));
    return builder;
  }

  private int maxMessageBytes() {
    return limits.maxRequestBytes() + MESSAGE_OVERHEAD;
  }

  /** What was counted of the services above; not of reflection. */
  public CallMeters calls() {
    return calls;
  }

  /** Names the server that {@link #drain} is to stop. */
  Server opened(Server built) {
    server = built;
    return built;
  }

  /** Whether clients can connect. */
  public boolean open() {
    var current = server;
    try {
      return current != null && !current.isShutdown() && current.getPort() > 0;
    } catch (IllegalStateException notStarted) {
      return false;
    }
  }

  /** Takes no more calls and lets those under way end, for a bounded time; then cuts them off. */
  public void drain() {
    var current = server;
    if (current == null) {
      return;
    }
    current.shutdown();
    claims.stop();
    try {
      current.awaitTermination(DRAIN_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    current.shutdownNow();
  }

  /** Stops the event loops, after {@link #drain}. */
  @Override
  public void close() {
    snapshots.forEach(SnapshotService::close);
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS);
    acceptor.shutdownGracefully(0, 2, TimeUnit.SECONDS);
  }
}
