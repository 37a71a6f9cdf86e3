package dev.kelvin.api.cache;

import static dev.kelvin.api.cache.Bytes.field;
import static dev.kelvin.api.cache.Bytes.found;
import static dev.kelvin.api.cache.Bytes.get;
import static dev.kelvin.api.cache.Bytes.join;
import static dev.kelvin.api.cache.Bytes.set;
import static dev.kelvin.api.cache.Bytes.status;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.api.FakeNode;
import dev.kelvin.api.Limits;
import dev.kelvin.api.ReadPool;
import dev.kelvin.api.Requests;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The ports as clients meet them, a fake node behind them. */
@Timeout(60)
class TcpDoorsTest {
  private static final int MOST = 20;
  private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(300);
  private static final int MAX_REQUEST = 1 << 20;

  private final FakeNode node = new FakeNode();
  private final ReadPool pool = new ReadPool(1, 16);
  private final TcpDoors doors =
      new TcpDoors(
          node,
          new Requests(node, new Limits(MAX_REQUEST, 128), pool),
          2,
          new TcpDoors.Bounds(MOST, PATIENCE));
  private final InetSocketAddress address = doors.openCache(anyPort());

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  @AfterEach
  void close() {
    node.holdBack = false;
    node.release();
    doors.drain();
    await("nothing is held", () -> doors.held() == 0);
    doors.close();
    pool.close();
  }

  private DoorMeter meter() {
    return doors.meters().getFirst();
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not in time: " + what);
      }
      Thread.onSpinWait();
    }
  }

  private Socket connect() throws IOException {
    var socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(Math.toIntExact(Duration.ofSeconds(20).toMillis()));
    return socket;
  }

  private static void send(Socket socket, byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  private static void answers(Socket socket, byte[] expected) throws IOException {
    assertArrayEquals(expected, socket.getInputStream().readNBytes(expected.length));
  }

  /** Whether the node has closed the connection, in whatever way. */
  private static boolean ended(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketException e) {
      return true;
    }
  }

  @Test
  void aClientThatSendsAllAndEndsItsSideGetsAllItsAnswers() throws Exception {
    try (var socket = connect()) {
      node.holdBack = true;
      send(socket, join(set("k", "1", 0), set("k", "2", 0), get("k")));
      socket.shutdownOutput();
      await("the first is under way", () -> node.proposals.get() == 1);
      node.holdBack = false;
      node.release();
      assertArrayEquals(join(status(1, 1), found("2")), socket.getInputStream().readAllBytes());
    }
    await("closed", () -> meter().connections() == 0);
  }

  @Test
  void theLastStatusArrivesThoughTheClientGoesOnSending() throws Exception {
    for (int i = 0; i < 20; i++) {
      try (var socket = connect()) {
        send(socket, join(set("k", "v", 0), new byte[] {9}, new byte[100_000]));
        assertArrayEquals(status(1, 2), socket.getInputStream().readAllBytes());
      }
    }
  }

  @Test
  void aFrameThatDoesNotBecomeWholeEndsTheConnection() throws Exception {
    try (var slow = connect();
        var skipped = connect();
        var idle = connect()) {
      send(slow, join(set("k", "v", 0), new byte[] {1}, field("k")));
      answers(slow, status(1));
      // Too long, and never sent to its end.
      send(skipped, join(new byte[] {2}, field("x".repeat(MAX_REQUEST + 1)), new byte[] {1}));
      answers(skipped, status(2));
      send(idle, set("k", "v", 0));
      answers(idle, status(1));
      assertTrue(ended(slow));
      assertTrue(ended(skipped));
      await("both are counted", () -> meter().timedOut() == 2);
      // One that has begun nothing stays.
      send(idle, get("k"));
      answers(idle, found("v"));
    }
  }

  @Test
  void aFrameThatComesByteByByteIsTimedFromItsFirstByte() throws Exception {
    try (var slow = connect()) {
      var frame = set("k", "x".repeat(10_000), 0);
      assertThrows(
          SocketException.class,
          () -> {
            for (var b : frame) {
              send(slow, new byte[] {b});
              TimeUnit.MILLISECONDS.sleep(1);
            }
          });
    }
  }

  @Test
  void aClientThatDoesNotReadIsReadNoMoreAndCutOff() throws Exception {
    var value = "x".repeat(MAX_REQUEST / 2);
    try (var socket = connect();
        var other = connect()) {
      send(other, set("k", value, 0));
      answers(other, status(1));
      var writer =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    try {
                      while (true) {
                        send(socket, get("k"));
                      }
                    } catch (IOException e) {
                      // Cut off, as it should be.
                      return;
                    }
                  });
      await("cut off", () -> meter().timedOut() == 1);
      writer.join();
      send(other, get("k"));
      answers(other, found(value));
    }
  }

  @Test
  void connectionsBeyondTheLimitAreClosedAtOnce() throws Exception {
    var sockets = new Socket[MOST];
    for (int i = 0; i < MOST; i++) {
      sockets[i] = connect();
      send(sockets[i], get("k"));
      answers(sockets[i], status(3));
    }
    try (var beyond = connect()) {
      assertTrue(ended(beyond));
    }
    assertEquals(1, meter().refused());
    sockets[0].close();
    await("one has gone", () -> meter().connections() == MOST - 1);
    try (var next = connect()) {
      send(next, get("k"));
      answers(next, status(3));
    }
    for (var socket : sockets) {
      socket.close();
    }
    await("all are gone", () -> meter().connections() == 0);
  }

  @Test
  void aStopLetsEndWhatIsUnderWay() throws Exception {
    try (var socket = connect()) {
      node.holdBack = true;
      send(socket, set("k", "v", 0));
      await("under way", () -> node.proposals.get() == 1);
      var stop = Thread.ofPlatform().start(doors::drain);
      node.holdBack = false;
      node.release();
      answers(socket, status(1));
      assertTrue(ended(socket));
      stop.join();
    }
  }

  @Test
  void bothProtocolsHaveTheirPorts() throws Exception {
    var json = doors.openJson(anyPort());
    try (var socket = new Socket(json.getAddress(), json.getPort());
        var cache = connect()) {
      send(
          socket,
          "{\"op\":\"put\",\"key\":\"k\",\"value\":\"v\"}\n".getBytes(StandardCharsets.UTF_8));
      answers(socket, "{\"revision\":2}\n".getBytes(StandardCharsets.UTF_8));
      send(cache, get("k"));
      answers(cache, found("v"));
    }
    assertEquals(
        java.util.List.of("cache", "json"), doors.meters().stream().map(DoorMeter::door).toList());
  }
}
