package dev.kelvin.process;

import dev.kelvin.proto.care.CareGrpc;
import dev.kelvin.proto.care.State;
import dev.kelvin.proto.care.StatusRequest;
import dev.kelvin.proto.etcdserverpb.ClusterGrpc;
import dev.kelvin.proto.etcdserverpb.KVGrpc;
import dev.kelvin.proto.etcdserverpb.MaintenanceGrpc;
import dev.kelvin.proto.etcdserverpb.StatusResponse;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A real node: a process of its own, on ports of its own, that can be killed and started again. */
final class NodeProcess implements AutoCloseable {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

  final String name;
  final int clientPort;
  final int peerPort;
  final int httpPort;
  private final Path directory;
  private final Path log;
  private Process process;
  private ManagedChannel channel;
  private ManagedChannel peerChannel;

  NodeProcess(Path parent, String name) throws IOException {
    this.name = name;
    this.directory = parent.resolve(name);
    this.log = parent.resolve(name + ".log");
    try (var a = new ServerSocket(0);
        var b = new ServerSocket(0);
        var c = new ServerSocket(0)) {
      clientPort = a.getLocalPort();
      peerPort = b.getLocalPort();
      httpPort = c.getLocalPort();
    }
  }

  /** Starts the process; {@code options} come after name, directory and addresses. */
  NodeProcess start(String... options) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + Path.of("src", "main", "jvm", "jvm.options").toAbsolutePath());
    command.add("-jar");
    command.add(Path.of("target", "quarkus-app", "quarkus-run.jar").toAbsolutePath().toString());
    command.addAll(List.of("server", "--name", name, "--data-dir", directory.toString()));
    command.addAll(List.of("--listen-client", "127.0.0.1:" + clientPort));
    command.addAll(List.of("--listen-peer", "127.0.0.1:" + peerPort));
    command.addAll(List.of("--listen-http", "127.0.0.1:" + httpPort));
    command.addAll(List.of(options));
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    return this;
  }

  NodeProcess awaitReady() {
    await(name + " ready", Duration.ofSeconds(30), () -> httpStatus("/readyz") == 200);
    return this;
  }

  void await(String what, Duration limit, BooleanSupplier condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + limit + ": " + what + "\n" + output());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  int httpStatus(String path) {
    try {
      return get(path).statusCode();
    } catch (IOException e) {
      return -1;
    }
  }

  HttpResponse<String> get(String path) throws IOException {
    try {
      return HTTP.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + path))
              .timeout(Duration.ofSeconds(10))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  String clientAddress() {
    return "127.0.0.1:" + clientPort;
  }

  String peerAddress() {
    return "127.0.0.1:" + peerPort;
  }

  private synchronized ManagedChannel channel() {
    if (channel == null) {
      channel = NettyChannelBuilder.forAddress("127.0.0.1", clientPort).usePlaintext().build();
    }
    return channel;
  }

  KVGrpc.KVBlockingStub kv() {
    return KVGrpc.newBlockingStub(channel()).withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  MaintenanceGrpc.MaintenanceBlockingStub maintenance() {
    return MaintenanceGrpc.newBlockingStub(channel()).withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  ClusterGrpc.ClusterBlockingStub members() {
    return ClusterGrpc.newBlockingStub(channel()).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  /** Cluster care, on the peer port. */
  CareGrpc.CareBlockingStub care() {
    synchronized (this) {
      if (peerChannel == null) {
        peerChannel = NettyChannelBuilder.forAddress("127.0.0.1", peerPort).usePlaintext().build();
      }
      return CareGrpc.newBlockingStub(peerChannel).withDeadlineAfter(30, TimeUnit.SECONDS);
    }
  }

  boolean inState(State state) {
    try {
      return care().status(StatusRequest.getDefaultInstance()).getState() == state;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  /** Loses the disk. */
  void wipe() throws IOException {
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  StatusResponse status() {
    return maintenance().status(dev.kelvin.proto.etcdserverpb.StatusRequest.getDefaultInstance());
  }

  boolean leads() {
    var status = status();
    return status.getLeader() == status.getHeader().getMemberId();
  }

  /** As a power cut to this process alone. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
    closeChannel();
  }

  /** SIGTERM; returns the exit code. */
  int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      throw new AssertionError(name + " does not stop\n" + output());
    }
    closeChannel();
    return process.exitValue();
  }

  int awaitExit() throws InterruptedException {
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      throw new AssertionError(name + " does not exit\n" + output());
    }
    return process.exitValue();
  }

  private synchronized void closeChannel() {
    if (channel != null) {
      channel.shutdownNow();
      channel = null;
    }
    if (peerChannel != null) {
      peerChannel.shutdownNow();
      peerChannel = null;
    }
  }

  String output() {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      return "no log: " + e;
    }
  }

  @Override
  public void close() {
    closeChannel();
    if (process != null) {
      process.destroyForcibly();
    }
  }
}
