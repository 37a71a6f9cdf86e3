package dev.kelvin.bench;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Three etcd nodes with etcd's defaults, but room for more data. */
final class EtcdCluster extends LocalCluster {
  private static final long QUOTA_BYTES = 8L << 30;

  private final Path binary;

  EtcdCluster(Path binary, Path directory) {
    super(directory);
    this.binary = binary;
  }

  /** The {@code etcd} of the {@code PATH}. */
  static Optional<Path> binary() {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, "etcd"))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }

  @Override
  String title() {
    return "etcd";
  }

  @Override
  void found() {
    for (int i = 0; i < NODES; i++) {
      restart(i);
    }
    for (int i = 0; i < NODES; i++) {
      awaitServing(i);
    }
  }

  @Override
  void restart(int i) {
    String client = "http://127.0.0.1:" + clientPorts.get(i);
    String peer = "http://127.0.0.1:" + peerPorts.get(i);
    String cluster =
        IntStream.range(0, NODES)
            .mapToObj(n -> "n" + (n + 1) + "=http://127.0.0.1:" + peerPorts.get(n))
            .collect(Collectors.joining(","));
    nodes
        .get(i)
        .start(
            List.of(
                binary.toString(),
                "--name=n" + (i + 1),
                "--data-dir=" + directory.resolve("n" + (i + 1)),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=" + cluster,
                "--initial-cluster-token=" + directory.getFileName(),
                "--quota-backend-bytes=" + QUOTA_BYTES,
                "--log-level=warn"));
  }
}
