package dev.kelvin.fuzz;

import dev.kelvin.process.NodeProcess;
import dev.kelvin.process.NodeProcess.Place;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Real nodes, with all doors open. */
final class Nodes implements AutoCloseable {
  /** Small, so that they are full, and memory flat, before the first look at it. */
  private static final List<String> CACHES =
      List.of("--store-cache-size", "4MiB", "--store-memtable-size", "8MiB");

  /** One node with its addresses. */
  record Node(NodeProcess process, Map<Door, InetSocketAddress> doors) {}

  final List<Node> all = new ArrayList<>();

  /**
   * Starts so many; they serve when it returns.
   *
   * @param directory for data and logs
   * @param open doors; that of HTTP is open in any case
   */
  Nodes(Path directory, int count, Set<Door> open) throws IOException {
    for (int i = 0; i < count; i++) {
      var place = Place.onLoopback();
      var more = Place.onLoopback();
      var doors =
          Map.of(
              Door.CACHE, new InetSocketAddress(place.host(), more.clientPort()),
              Door.JSON, new InetSocketAddress(place.host(), more.peerPort()),
              Door.HTTP, new InetSocketAddress(place.host(), place.httpPort()));
      var process = new NodeProcess(directory, "n" + (i + 1), place);
      var options = new ArrayList<String>(CACHES);
      if (open.contains(Door.CACHE)) {
        options.addAll(List.of("--listen-cache", place.host() + ":" + more.clientPort()));
      }
      if (open.contains(Door.JSON)) {
        options.addAll(List.of("--listen-json", place.host() + ":" + more.peerPort()));
      }
      options.addAll(
          i == 0
              ? List.of("--bootstrap")
              : List.of("--join", all.getFirst().process().peerAddress()));
      all.add(new Node(process, doors));
      process.start(options.toArray(String[]::new));
      if (i == 0) {
        process.awaitReady();
      }
    }
    all.forEach(node -> node.process().awaitReady());
  }

  int count() {
    return all.size();
  }

  /** The node that a session is for, or an answer is asked of; any number. */
  Node of(long number) {
    return all.get((int) Math.floorMod(number, (long) all.size()));
  }

  Stream<NodeProcess> processes() {
    return all.stream().map(Node::process);
  }

  @Override
  public void close() {
    processes().forEach(NodeProcess::close);
  }
}
