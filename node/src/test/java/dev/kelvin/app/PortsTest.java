package dev.kelvin.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PortsTest {
  private static Options options(String client) {
    var line =
        Map.of(
            Setting.LISTEN_CLIENT, client,
            Setting.LISTEN_PEER, "127.0.0.1:" + free(),
            Setting.LISTEN_HTTP, "127.0.0.1:" + free());
    return OptionParser.parse(Sources.merge(line, Map.of(), null));
  }

  private static int free() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void aTakenPortIsNamedWithItsOption() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var address = "127.0.0.1:" + taken.getLocalPort();
      var problem = Ports.problem(options(address)).orElseThrow();
      assertTrue(
          problem.startsWith("--listen-client: cannot listen on " + address + " ("), problem);
    }
  }

  @Test
  void anUnknownHostIsNamed() {
    assertEquals(
        Optional.of("--listen-client: unknown host no.such.host.invalid"),
        Ports.problem(options("no.such.host.invalid:2379")));
  }

  @Test
  void freePortsAreFine() {
    assertEquals(Optional.empty(), Ports.problem(options("127.0.0.1:" + free())));
  }
}
