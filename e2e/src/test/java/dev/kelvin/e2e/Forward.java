package dev.kelvin.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Ports of this machine that {@code kubectl port-forward} leads to ports of one pod. */
final class Forward implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Shell.Background forward;
  private final Map<Integer, Integer> ports;

  private Forward(Shell.Background forward, Map<Integer, Integer> ports) {
    this.forward = forward;
    this.ports = ports;
  }

  /**
   * @param target {@code pod/NAME}, or {@code service/NAME} for one of its pods
   * @param remote ports of the target
   */
  static Forward to(Scenario scenario, String target, int... remote) {
    Map<Integer, Integer> ports = new LinkedHashMap<>();
    for (int port : remote) {
      ports.put(port, freePort());
    }
    var pairs =
        ports.entrySet().stream()
            .map(p -> p.getValue() + ":" + p.getKey())
            .collect(Collectors.joining(" "));
    var forward =
        scenario
            .kubernetes()
            .shell()
            .start(
                "kubectl --namespace %s port-forward %s %s"
                    .formatted(scenario.namespace(), target, pairs));
    for (int port : ports.values()) {
      Await.until("port-forward to " + target, PATIENCE, () -> connects(port), yes -> yes);
    }
    return new Forward(forward, ports);
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether somebody listens on a port of this machine. */
  static boolean connects(int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Port of this machine that leads to one of the target's. */
  int port(int remote) {
    return ports.get(remote);
  }

  @Override
  public void close() {
    forward.close();
  }
}
