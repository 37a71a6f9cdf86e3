package dev.kelvin.api.cache;

import dev.kelvin.api.Requests;
import dev.kelvin.member.Node;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jboss.logging.Logger;

/** The plain TCP ports: opened when they are wanted, and how many connections they take. */
public final class TcpDoors implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(TcpDoors.class);

  /**
   * What clients are borne with.
   *
   * @param connections of each port
   * @param patienceNanos as of {@link Patience}
   */
  record Bounds(int connections, long patienceNanos) {
    static final Bounds STANDARD = new Bounds(1024, TimeUnit.SECONDS.toNanos(30));
  }

  /** Of the heap, for all that the connections hold. */
  private static final int SHARE_OF_MEMORY = 8;

  private static final long DRAIN_MILLIS = 2_000;
  private static final long FULL_LOG_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** What is read at once, and so what may have come that is not looked at yet. */
  private static final int MAX_READ = 32 << 10;

  private static final int READS = 2;

  private final Node node;
  private final Requests requests;
  private final Joins joins;
  private final Budget budget;
  private final int eventLoops;
  private final Bounds bounds;
  private final List<Channel> ports = new ArrayList<>();
  private final List<DoorMeter> meters = new CopyOnWriteArrayList<>();
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

  /** Null until a port is wanted. */
  private NioEventLoopGroup loops;

  /**
   * @param eventLoops threads, if a port is opened
   */
  public TcpDoors(Node node, Requests requests, int eventLoops) {
    this(node, requests, eventLoops, Bounds.STANDARD);
  }

  TcpDoors(Node node, Requests requests, int eventLoops, Bounds bounds) {
    this.bounds = bounds;
    this.node = node;
    this.requests = requests;
    this.eventLoops = eventLoops;
    joins = new Joins(node);
    long memory = Runtime.getRuntime().maxMemory() / SHARE_OF_MEMORY;
    budget = new Budget(Math.max(memory, 4L * requests.limits().maxRequestBytes()));
  }

  /**
   * Opens the port of the binary cache protocol.
   *
   * @return where it listens
   * @throws IllegalStateException if it cannot be listened on
   */
  public InetSocketAddress openCache(InetSocketAddress address) {
    return open("cache", address, connection -> new CacheFrames(connection, requests, joins));
  }

  /** Opens the port of JSON lines; as {@link #openCache}. */
  public InetSocketAddress openJson(InetSocketAddress address) {
    return open("json", address, connection -> new JsonLines(connection, node, requests));
  }

  private InetSocketAddress open(
      String name, InetSocketAddress address, Function<Connection, Frames> protocol) {
    if (loops == null) {
      loops = new NioEventLoopGroup(eventLoops, new DefaultThreadFactory("tcp", true));
    }
    var meter = new DoorMeter(name);
    meters.add(meter);
    var bound =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(new Entrance(name, meter, protocol))
            .option(ChannelOption.SO_BACKLOG, bounds.connections)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WriteBufferWaterMark.DEFAULT)
            .childOption(
                ChannelOption.RCVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(64, 2048, MAX_READ).maxMessagesPerRead(READS))
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IllegalStateException(
          "cannot listen on " + address + " for the " + name + " protocol", bound.cause());
    }
    ports.add(bound.channel());
    return (InetSocketAddress) bound.channel().localAddress();
  }

  /** Lets connections in, as many as there may be. */
  private final class Entrance extends ChannelInitializer<SocketChannel> {
    private final String name;
    private final DoorMeter meter;
    private final Function<Connection, Frames> protocol;
    private long saidFull = System.nanoTime() - FULL_LOG_NANOS;

    Entrance(String name, DoorMeter meter, Function<Connection, Frames> protocol) {
      this.name = name;
      this.meter = meter;
      this.protocol = protocol;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
      if (!meter.opened(bounds.connections)) {
        sayFull();
        channel.close();
        return;
      }
      channel.closeFuture().addListener(closed -> meter.closed());
      connections.add(channel);
      channel.pipeline().addLast(new Connection(protocol, meter, budget, bounds.patienceNanos));
    }

    private synchronized void sayFull() {
      long now = System.nanoTime();
      if (now - saidFull >= FULL_LOG_NANOS) {
        saidFull = now;
        LOG.warnf("Refusing connections of the %s protocol beyond %d", name, bounds.connections);
      }
    }
  }

  /** Bytes that the connections of all ports hold. */
  long held() {
    return budget.taken();
  }

  /** What the ports that were opened counted. */
  public List<DoorMeter> meters() {
    return List.copyOf(meters);
  }

  /** Takes no more requests and lets those under way end, for a bounded time. */
  public void drain() {
    ports.forEach(port -> port.close().awaitUninterruptibly());
    for (var channel : connections) {
      var connection = channel.pipeline().get(Connection.class);
      if (connection != null) {
        connection.drainAndClose();
      }
    }
    connections.newCloseFuture().awaitUninterruptibly(DRAIN_MILLIS);
  }

  /** Stops the event loops, after {@link #drain}. */
  @Override
  public void close() {
    if (loops != null) {
      loops.shutdownGracefully(0, 2, TimeUnit.SECONDS);
    }
  }
}
