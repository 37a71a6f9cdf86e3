package dev.kelvin.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * {@code etcdctl} on this machine, by a port that {@code kubectl port-forward} leads to one pod.
 */
final class Etcdctl implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Shell shell;
  private final Shell.Background forward;
  private final int port;

  private Etcdctl(Shell shell, Shell.Background forward, int port) {
    this.shell = shell;
    this.forward = forward;
    this.port = port;
  }

  /**
   * @param target {@code pod/NAME}, or {@code service/NAME} for one of its pods
   */
  static Etcdctl to(Scenario scenario, String target) {
    var shell = scenario.kubernetes().shell();
    int port = freePort();
    var forward =
        shell.start(
            "kubectl --namespace %s port-forward %s %d:2379"
                .formatted(scenario.namespace(), target, port));
    Await.until("port-forward to " + target, PATIENCE, () -> connects(port), yes -> yes);
    return new Etcdctl(shell, forward, port);
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

  /** Runs a command, which must succeed. */
  String run(String command) {
    return shell.run("etcdctl --endpoints 127.0.0.1:%d %s".formatted(port, command));
  }

  /** IDs of the members, by their names, which are those of their pods. */
  Map<String, String> members() {
    return run("member list")
        .lines()
        .map(line -> line.split(", "))
        .collect(Collectors.toMap(part -> part[2], part -> part[0]));
  }

  /** Runs commands on one pod. */
  static <T> T at(Scenario scenario, String target, Function<Etcdctl, T> commands) {
    try (var etcdctl = to(scenario, target)) {
      return commands.apply(etcdctl);
    }
  }

  @Override
  public void close() {
    forward.close();
  }
}
