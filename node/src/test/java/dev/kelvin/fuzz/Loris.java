package dev.kelvin.fuzz;

import static dev.kelvin.fuzz.Dice.ascii;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Clients that begin a request and never end it, more of them than a door takes; every third sends
 * a byte now and then. A door closes those above its limit at once, and all others in time.
 */
final class Loris implements AutoCloseable {
  /** What docs/protocols.md and docs/rest.md say of a door. */
  private record Limits(int connections, long seconds, String beginning, char more) {}

  private static final int ABOVE = 100;
  private static final long SETTLED_NANOS = TimeUnit.SECONDS.toNanos(15);

  /** On top of a door's time: its clock begins later, and the machine may be busy. */
  private static final long SLACK_NANOS = TimeUnit.SECONDS.toNanos(15);

  private static final long DRIBBLE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int DRIBBLER = 3;

  private final Door door;
  private final InetSocketAddress address;
  private final Limits limits;
  private final Selector selector = Selector.open();
  private final List<SocketChannel> open = new ArrayList<>();
  private final long begin = System.nanoTime();

  Loris(Door door, InetSocketAddress address) throws IOException {
    this.door = door;
    this.address = address;
    limits =
        switch (door) {
          case CACHE -> new Limits(1024, 30, "\1\100\0\0\0key", 'k');
          case JSON -> new Limits(1024, 30, "{\"op\":\"get\",\"key\":\"", 'k');
          case HTTP -> new Limits(2048, 60, "GET /v1/kv/slow HTTP/1.1\r\nHost: ", 'h');
        };
    for (int i = 0; i < limits.connections + ABOVE; i++) {
      connect();
    }
  }

  private void connect() throws IOException {
    var channel = SocketChannel.open(address);
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ);
    open.add(channel);
    send(channel, ascii(limits.beginning));
  }

  private static void send(SocketChannel channel, byte[] bytes) {
    try {
      channel.write(ByteBuffer.wrap(bytes));
    } catch (IOException e) {
      // Closed; that is seen by reading.
      return;
    }
  }

  /**
   * Waits until those above the limit are gone.
   *
   * @return what is wrong
   */
  List<String> awaitRefusals() throws IOException {
    int most = limits.connections;
    await(most, System.nanoTime() + SETTLED_NANOS);
    return open.size() <= most
        ? List.of()
        : List.of("%s has let in %d connections, more than %d".formatted(door, open.size(), most));
  }

  /**
   * Waits until all are gone.
   *
   * @return what is wrong
   */
  List<String> awaitAllClosed() throws IOException {
    await(0, begin + TimeUnit.SECONDS.toNanos(limits.seconds) + SLACK_NANOS);
    return open.isEmpty()
        ? List.of()
        : List.of(
            "%s bears with %d connections whose request does not end for more than %d s"
                .formatted(door, open.size(), limits.seconds));
  }

  private void await(int most, long deadline) throws IOException {
    long dribble = System.nanoTime() + DRIBBLE_NANOS;
    var in = ByteBuffer.allocate(4096);
    while (open.size() > most && System.nanoTime() < deadline) {
      selector.select(100);
      for (var key : selector.selectedKeys()) {
        hear((SocketChannel) key.channel(), in);
      }
      selector.selectedKeys().clear();
      if (System.nanoTime() >= dribble) {
        dribble += DRIBBLE_NANOS;
        for (int i = 0; i < open.size(); i += DRIBBLER) {
          send(open.get(i), ascii(String.valueOf(limits.more)));
        }
      }
    }
  }

  private void hear(SocketChannel channel, ByteBuffer in) throws IOException {
    boolean gone;
    try {
      gone = channel.read(in.clear()) < 0;
    } catch (IOException e) {
      gone = true;
    }
    if (gone) {
      channel.close();
      open.remove(channel);
    }
  }

  @Override
  public void close() throws IOException {
    for (var channel : open) {
      channel.close();
    }
    selector.close();
  }
}
