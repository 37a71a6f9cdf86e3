package dev.kelvin.process;

import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Three real nodes on loopback. */
final class LocalCluster implements AutoCloseable {
  final List<NodeProcess> nodes = new ArrayList<>();
  private final Path directory;

  private LocalCluster(Path directory) {
    this.directory = directory;
  }

  /** One node, the first of what may become more. */
  static LocalCluster alone(Path directory) throws IOException {
    var cluster = new LocalCluster(directory);
    cluster.add("n1").start("--bootstrap").awaitReady();
    return cluster;
  }

  static LocalCluster start(Path directory, String... options) throws IOException {
    var cluster = new LocalCluster(directory);
    var first = cluster.add("n1").start(with(options, "--bootstrap")).awaitReady();
    for (var name : List.of("n2", "n3")) {
      cluster.add(name).start(with(options, "--join", first.peerAddress()));
    }
    cluster.nodes.forEach(NodeProcess::awaitReady);
    return cluster;
  }

  private static String[] with(String[] options, String... more) {
    return Stream.concat(Stream.of(options), Stream.of(more)).toArray(String[]::new);
  }

  NodeProcess add(String name) throws IOException {
    var node = new NodeProcess(directory, name);
    nodes.add(node);
    return node;
  }

  NodeProcess leader() {
    var found = new NodeProcess[1];
    nodes
        .getFirst()
        .await(
            "a leader",
            Duration.ofSeconds(10),
            () -> {
              for (var node : nodes) {
                try {
                  if (node.leads()) {
                    found[0] = node;
                    return true;
                  }
                } catch (StatusRuntimeException e) {
                  continue;
                }
              }
              return false;
            });
    return found[0];
  }

  /** Waits until every node has applied what the most advanced one has, then compares. */
  void awaitEqualHashes() {
    nodes
        .getFirst()
        .await(
            "equal hashes on all nodes",
            Duration.ofSeconds(20),
            () -> {
              long revision = 0;
              for (var node : nodes) {
                revision = Math.max(revision, node.status().getHeader().getRevision());
              }
              var hashes = new ArrayList<Integer>();
              for (var node : nodes) {
                try {
                  hashes.add(
                      node.maintenance()
                          .hashKV(HashKVRequest.newBuilder().setRevision(revision).build())
                          .getHash());
                } catch (StatusRuntimeException e) {
                  return false;
                }
              }
              return hashes.stream().distinct().count() == 1;
            });
  }

  @Override
  public void close() {
    nodes.forEach(NodeProcess::close);
  }
}
