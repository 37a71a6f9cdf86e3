package dev.kelvin.e2e;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * {@code etcdctl} on this machine, by a port that {@code kubectl port-forward} leads to one pod.
 */
final class Etcdctl implements AutoCloseable {
  private static final int CLIENT_PORT = 2379;

  private final Shell shell;
  private final Forward forward;

  private Etcdctl(Shell shell, Forward forward) {
    this.shell = shell;
    this.forward = forward;
  }

  /**
   * @param target {@code pod/NAME}, or {@code service/NAME} for one of its pods
   */
  static Etcdctl to(Scenario scenario, String target) {
    return new Etcdctl(scenario.kubernetes().shell(), Forward.to(scenario, target, CLIENT_PORT));
  }

  /** Runs a command, which must succeed. */
  String run(String command) {
    return shell.run(
        "etcdctl --endpoints 127.0.0.1:%d %s".formatted(forward.port(CLIENT_PORT), command));
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
