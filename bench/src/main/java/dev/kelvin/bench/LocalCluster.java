package dev.kelvin.bench;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.ClusterGrpc;
import dev.kelvin.proto.etcdserverpb.KVGrpc;
import dev.kelvin.proto.etcdserverpb.MaintenanceGrpc;
import dev.kelvin.proto.etcdserverpb.Member;
import dev.kelvin.proto.etcdserverpb.MemberListRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.StatusRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Three nodes of one kind on the loopback interface of this machine. */
abstract class LocalCluster implements AutoCloseable {
  static final int NODES = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long LOOK_EVERY_NANOS = 10_000_000;
  private static final Set<Integer> PORTS_TAKEN = new HashSet<>();

  final Path directory;
  final List<NodeProcess> nodes = new ArrayList<>();
  final List<Integer> clientPorts = ports();
  final List<Integer> peerPorts = ports();
  private Connections control;

  LocalCluster(Path directory) {
    this.directory = directory;
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (int i = 0; i < NODES; i++) {
      nodes.add(new NodeProcess(directory.resolve("n" + (i + 1) + ".log")));
    }
  }

  /** What the tables call it. */
  abstract String title();

  /** The version of the servers; for etcd and others, what they report over the API. */
  String version() {
    return MaintenanceGrpc.newBlockingStub(control().get(0))
        .withDeadlineAfter(5, TimeUnit.SECONDS)
        .status(StatusRequest.getDefaultInstance())
        .getVersion();
  }

  /** Starts three nodes without data and returns when each serves. */
  abstract void found();

  /** Starts node {@code i}, which has data. */
  abstract void restart(int i);

  List<String> endpoints() {
    return clientPorts.stream().map(port -> "127.0.0.1:" + port).toList();
  }

  List<Long> pids() {
    return nodes.stream().filter(NodeProcess::runs).map(NodeProcess::pid).toList();
  }

  /** Waits until node {@code i} answers a linearizable read; returns how long that took. */
  Duration awaitServing(int i) {
    return await(i, "serves", () -> serves(i));
  }

  /** Waits until node {@code i} knows three voters. */
  Duration awaitVoters(int i) {
    return await(i, "knows three voters", () -> voters(i) == NODES);
  }

  /** The number of the node that leads; waits for one. */
  int leader() {
    int[] found = {-1};
    await(
        0,
        "knows a leader",
        () -> {
          for (int i = 0; i < NODES; i++) {
            if (leads(i)) {
              found[0] = i;
              return true;
            }
          }
          return false;
        });
    return found[0];
  }

  private Duration await(int node, String what, BooleanSupplier condition) {
    long begin = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (!nodes.get(node).runs() || System.nanoTime() - begin > PATIENCE.toNanos()) {
        throw new IllegalStateException(
            "%s node %d never %s; the end of its log:%n%s"
                .formatted(title(), node + 1, what, tail(nodes.get(node).log())));
      }
      LockSupport.parkNanos(LOOK_EVERY_NANOS);
    }
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  private boolean serves(int i) {
    try {
      control().get(i).resetConnectBackoff();
      KVGrpc.newBlockingStub(control().get(i))
          .withDeadlineAfter(1, TimeUnit.SECONDS)
          .range(RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")).build());
      return true;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  private long voters(int i) {
    try {
      return ClusterGrpc.newBlockingStub(control().get(i))
          .withDeadlineAfter(1, TimeUnit.SECONDS)
          .memberList(MemberListRequest.getDefaultInstance())
          .getMembersList()
          .stream()
          .filter(member -> !member.getIsLearner())
          .map(Member::getID)
          .count();
    } catch (StatusRuntimeException e) {
      return 0;
    }
  }

  private boolean leads(int i) {
    try {
      var status =
          MaintenanceGrpc.newBlockingStub(control().get(i))
              .withDeadlineAfter(1, TimeUnit.SECONDS)
              .status(StatusRequest.getDefaultInstance());
      return status.getLeader() != 0 && status.getLeader() == status.getHeader().getMemberId();
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  private Connections control() {
    if (control == null) {
      control = new Connections(endpoints(), NODES);
    }
    return control;
  }

  @Override
  public void close() {
    if (control != null) {
      control.close();
    }
    nodes.forEach(NodeProcess::close);
  }

  static String tail(Path log) {
    try {
      List<String> lines = Files.readString(log).lines().toList();
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  /** One port a node, free now, below the range systems give to outgoing connections. */
  static List<Integer> ports() {
    var ports = new ArrayList<Integer>();
    while (ports.size() < NODES) {
      int port = ThreadLocalRandom.current().nextInt(11_000, 19_999);
      try (var socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        if (PORTS_TAKEN.add(port)) {
          ports.add(port);
        }
      } catch (IOException e) {
        // Taken; the next one.
        continue;
      }
    }
    return List.copyOf(ports);
  }
}
