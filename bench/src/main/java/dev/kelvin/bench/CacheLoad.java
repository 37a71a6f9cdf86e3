package dev.kelvin.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * SETs of the binary cache protocol in a closed loop: each connection keeps a number of them under
 * way, and each answer sends the next. Answers come in the order of requests. One thread serves all
 * connections, with one read and at most one write for all answers that have come.
 */
final class CacheLoad implements AutoCloseable {
  /**
   * @param endpoints {@code host:port} of the nodes' cache doors
   * @param connections spread evenly over the endpoints
   * @param depth SETs under way on each connection
   * @param serverPids the processes whose CPU and memory are measured; may be empty
   */
  record Plan(
      List<String> endpoints,
      int connections,
      int depth,
      int keys,
      int keyLength,
      int valueLength,
      Duration warmUp,
      Duration measure,
      List<Long> serverPids) {}

  private static final byte SET = 1;
  private static final byte OK = 1;
  private static final String REFUSED = "STATUS_";
  private static final long PATIENCE_AT_END_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final long LONGEST_LATENCY_NANOS = TimeUnit.MINUTES.toNanos(10);
  private static final long LONGEST_WAIT_MILLIS = 10;

  private final Plan plan;
  private final Selector selector;
  private final byte[] frame;
  private final int keyAt = 1 + Integer.BYTES;
  private final Map<String, Long> errors = new TreeMap<>();
  private Histogram latency = new Histogram(LONGEST_LATENCY_NANOS, 3);
  private boolean sending = true;
  private boolean measuring;
  private long underWay;

  private CacheLoad(Plan plan) throws IOException {
    this.plan = plan;
    this.selector = Selector.open();
    this.frame = frame(plan.keyLength, plan.valueLength);
  }

  /**
   * Runs the load to its end.
   *
   * @throws UncheckedIOException when a connection cannot be made, or is lost
   */
  static LoadResult run(Plan plan) {
    try (var load = new CacheLoad(plan)) {
      return load.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A SET without TTL; its key is still to be written. */
  private static byte[] frame(int keyLength, int valueLength) {
    var value = new byte[valueLength];
    new SplittableRandom(42).nextBytes(value);
    return ByteBuffer.allocate(1 + 3 * Integer.BYTES + keyLength + valueLength)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(SET)
        .putInt(keyLength)
        .put(new byte[keyLength])
        .putInt(valueLength)
        .put(value)
        .putInt(0)
        .array();
  }

  private LoadResult run() throws IOException {
    for (int i = 0; i < plan.connections; i++) {
      var connection = new Connection(plan.endpoints.get(i % plan.endpoints.size()));
      for (int n = 0; n < plan.depth; n++) {
        connection.add(System.nanoTime());
      }
      connection.write();
    }
    long measureFrom = System.nanoTime() + plan.warmUp.toNanos();
    serveUntil(measureFrom);
    latency = new Histogram(LONGEST_LATENCY_NANOS, 3);
    errors.clear();
    measuring = true;
    var meter = new Meter(plan.serverPids);
    serveUntil(measureFrom + plan.measure.toNanos());
    measuring = false;
    var result = meter.result(Op.PUT, latency, Map.copyOf(errors), 0);
    sending = false;
    long patience = System.nanoTime() + PATIENCE_AT_END_NANOS;
    while (underWay > 0 && System.nanoTime() < patience) {
      serve();
    }
    return result.withUnanswered(underWay);
  }

  private void serveUntil(long end) throws IOException {
    while (System.nanoTime() < end) {
      serve();
    }
  }

  private void serve() throws IOException {
    selector.select(LONGEST_WAIT_MILLIS);
    for (var key : selector.selectedKeys()) {
      var connection = (Connection) key.attachment();
      if (key.isReadable()) {
        connection.read();
      }
      connection.write();
    }
    selector.selectedKeys().clear();
  }

  @Override
  public void close() throws IOException {
    for (var key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }

  private final class Connection {
    private final SocketChannel channel;
    private final SelectionKey key;
    private final ByteBuffer answers = ByteBuffer.allocateDirect(plan.depth);

    /** Room for every SET that may be under way: what is not written yet is not answered. */
    private final ByteBuffer requests = ByteBuffer.allocateDirect(plan.depth * frame.length);

    /** When the SETs under way were made, oldest at {@code answered}, in a ring. */
    private final long[] since = new long[plan.depth];

    private int answered;
    private int made;

    Connection(String endpoint) throws IOException {
      int colon = endpoint.lastIndexOf(':');
      channel =
          SocketChannel.open(
              new InetSocketAddress(
                  endpoint.substring(0, colon), Integer.parseInt(endpoint.substring(colon + 1))));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      key = channel.register(selector, SelectionKey.OP_READ, this);
    }

    void add(long now) {
      Template.write(ThreadLocalRandom.current().nextInt(plan.keys), frame, keyAt, plan.keyLength);
      requests.put(frame);
      since[made] = now;
      made = (made + 1) % plan.depth;
      underWay++;
    }

    void read() throws IOException {
      answers.clear();
      if (channel.read(answers) < 0) {
        throw new EOFException("the node at " + channel.getRemoteAddress() + " hung up");
      }
      long now = System.nanoTime();
      answers.flip();
      while (answers.hasRemaining()) {
        byte status = answers.get();
        underWay--;
        if (measuring && status == OK) {
          latency.recordValue(Math.min(now - since[answered], LONGEST_LATENCY_NANOS));
        } else if (measuring) {
          errors.merge(REFUSED + status, 1L, Long::sum);
        }
        answered = (answered + 1) % plan.depth;
        if (sending) {
          add(now);
        }
      }
    }

    void write() throws IOException {
      if (requests.position() > 0) {
        requests.flip();
        channel.write(requests);
        requests.compact();
      }
      key.interestOps(
          requests.position() > 0
              ? SelectionKey.OP_READ | SelectionKey.OP_WRITE
              : SelectionKey.OP_READ);
    }
  }
}
