package dev.kelvin.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Three Kelvin nodes of a built checkout, with Kelvin's defaults. */
final class KelvinCluster extends LocalCluster {
  private final Path launcher;
  private final List<Integer> httpPorts = ports();
  private List<Integer> cachePorts = List.of();
  private Duration slowestEmptyStart = Duration.ZERO;

  KelvinCluster(Path launcher, Path directory) {
    super(directory);
    this.launcher = launcher;
  }

  /** With the door of the cache protocol open, which it is not by default; before any start. */
  KelvinCluster withCacheDoor() {
    cachePorts = ports();
    return this;
  }

  /** Where the nodes speak the cache protocol. */
  List<String> cacheEndpoints() {
    return cachePorts.stream().map(port -> "127.0.0.1:" + port).toList();
  }

  /** The checkout this jar was built in, else the one around the working directory. */
  static Optional<Path> checkout() {
    return around(jar()).or(() -> around(Path.of("").toAbsolutePath()));
  }

  /** Where a checkout has its launcher. */
  static Path launcher(Path checkout) {
    return checkout.resolve("bin").resolve("kelvin");
  }

  private static Path jar() {
    try {
      return Path.of(
          KelvinCluster.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Optional<Path> around(Path start) {
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.isExecutable(launcher(folder))) {
        return Optional.of(folder);
      }
    }
    return Optional.empty();
  }

  @Override
  String title() {
    return "Kelvin";
  }

  /** What the launcher says: over the API a node reports the version of the API it speaks. */
  @Override
  String version() {
    try {
      var asked = new ProcessBuilder(launcher.toString(), "--version");
      asked.environment().put("JAVA_HOME", System.getProperty("java.home"));
      try (var answer = asked.redirectErrorStream(true).start().inputReader()) {
        return answer.readLine().replaceFirst("^kelvin ", "");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The longest that a node with an empty disk took from its start to serving. */
  Duration slowestEmptyStart() {
    return slowestEmptyStart;
  }

  @Override
  void found() {
    for (int i = 0; i < NODES; i++) {
      start(
          i,
          i == 0 ? List.of("--bootstrap") : List.of("--join", "127.0.0.1:" + peerPorts.getFirst()));
      Duration took = awaitServing(i);
      slowestEmptyStart = took.compareTo(slowestEmptyStart) > 0 ? took : slowestEmptyStart;
    }
    for (int i = 0; i < NODES; i++) {
      awaitVoters(i);
    }
  }

  @Override
  void restart(int i) {
    start(i, List.of());
  }

  private void start(int i, List<String> more) {
    var command =
        new ArrayList<>(
            List.of(
                launcher.toString(),
                "server",
                "--name",
                "n" + (i + 1),
                "--data-dir",
                directory.resolve("n" + (i + 1)).toString(),
                "--listen-client",
                "127.0.0.1:" + clientPorts.get(i),
                "--listen-peer",
                "127.0.0.1:" + peerPorts.get(i),
                "--listen-http",
                "127.0.0.1:" + httpPorts.get(i)));
    if (!cachePorts.isEmpty()) {
      command.addAll(List.of("--listen-cache", cacheEndpoints().get(i)));
    }
    command.addAll(more);
    nodes.get(i).start(command);
  }
}
