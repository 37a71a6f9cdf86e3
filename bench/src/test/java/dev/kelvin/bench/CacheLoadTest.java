package dev.kelvin.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a server in this process that reads the protocol byte by byte. */
class CacheLoadTest {
  private static final int KEYS = 50;
  private static final int VALUE_LENGTH = 32;

  private final Set<String> keys = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger mostWaiting = new AtomicInteger();
  private ServerSocket server;
  private volatile int status = 1;
  private volatile boolean hangUp;
  private volatile String wrong;

  @BeforeEach
  void start() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private void accept() {
    try {
      while (true) {
        var socket = server.accept();
        connections.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // Closed: the test is over.
      return;
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      var in = new DataInputStream(socket.getInputStream());
      int frame = 1 + 4 + 16 + 4 + VALUE_LENGTH + 4;
      while (!hangUp) {
        int command = in.readByte();
        var key = in.readNBytes(Integer.reverseBytes(in.readInt()));
        var value = in.readNBytes(Integer.reverseBytes(in.readInt()));
        int ttl = in.readInt();
        if (command != 1 || key.length != 16 || value.length != VALUE_LENGTH || ttl != 0) {
          wrong = "command %d, key of %d, value of %d, TTL %d";
          wrong = wrong.formatted(command, key.length, value.length, ttl);
        }
        keys.add(new String(key, StandardCharsets.US_ASCII));
        mostWaiting.accumulateAndGet(in.available() / frame, Math::max);
        socket.getOutputStream().write(status);
      }
    } catch (EOFException | SocketException e) {
      // The client is done.
      return;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private LoadResult run(int depth) {
    return CacheLoad.run(
        new CacheLoad.Plan(
            List.of("127.0.0.1:" + server.getLocalPort()),
            3,
            depth,
            KEYS,
            16,
            VALUE_LENGTH,
            Duration.ofMillis(50),
            Duration.ofMillis(300),
            List.of(ProcessHandle.current().pid())));
  }

  @Test
  void setsOfRandomKeysAreSentAndMeasured() {
    var result = run(1);
    assertNull(wrong);
    assertEquals(3, connections.get());
    assertTrue(result.done() > 100, result.json());
    assertEquals(0, result.failed() + result.unanswered());
    assertTrue(result.millis(50) > 0 && result.millis(50) <= result.millis(99), result.json());
    assertTrue(result.serverCpuMicros() > 0, result.json());
    assertEquals(KEYS, keys.size());
    assertTrue(keys.contains("k000000000000049"), keys::toString);
    assertEquals(0, mostWaiting.get(), "one at a time");
  }

  @Test
  void aConnectionKeepsManyUnderWay() {
    var result = run(16);
    assertNull(wrong);
    assertEquals(0, result.failed() + result.unanswered());
    assertTrue(mostWaiting.get() > 1 && mostWaiting.get() < 16, mostWaiting::toString);
  }

  @Test
  void whatIsRefusedIsCountedAsFailed() {
    status = 2;
    var result = run(4);
    assertEquals(0, result.done());
    assertEquals(Map.of("STATUS_2", result.failed()), result.errors());
    assertTrue(result.failed() > 0);
  }

  @Test
  void aConnectionThatIsLostEndsTheRun() {
    hangUp = true;
    assertThrows(UncheckedIOException.class, () -> run(4));
  }
}
