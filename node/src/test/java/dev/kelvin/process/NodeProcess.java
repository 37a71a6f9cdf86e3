package dev.kelvin.process;

import dev.kelvin.proto.care.CareGrpc;
import dev.kelvin.proto.care.State;
import dev.kelvin.proto.care.StatusRequest;
import dev.kelvin.proto.etcdserverpb.ClusterGrpc;
import dev.kelvin.proto.etcdserverpb.KVGrpc;
import dev.kelvin.proto.etcdserverpb.LeaseGrpc;
import dev.kelvin.proto.etcdserverpb.MaintenanceGrpc;
import dev.kelvin.proto.etcdserverpb.StatusResponse;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A real node: a process of its own, on ports of its own, that can be killed and started again. */
public final class NodeProcess implements AutoCloseable {
  /** What people start. */
  static final Path KELVIN = Path.of("..", "bin", "kelvin").toAbsolutePath().normalize();

  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

  /** Where a node's process runs and listens. */
  public record Place(
      List<String> launcher, String host, int clientPort, int peerPort, int httpPort) {

    /**
     * On loopback, on ports that nobody else has.
     *
     * @throws IOException when there are none
     */
    private static final int FIRST_PORT = ThreadLocalRandom.current().nextInt(10_000);

    private static final AtomicInteger NEXT_PORT = new AtomicInteger();

    public static Place onLoopback() throws IOException {
      return new Place(List.of(), "127.0.0.1", freePort(), freePort(), freePort());
    }

    /** Free now, never given before, and outside of the range of outgoing connections. */
    static int freePort() throws IOException {
      for (int i = 0; i < 1000; i++) {
        int port = 20_000 + (FIRST_PORT + NEXT_PORT.getAndIncrement()) % 10_000;
        try (var free = new ServerSocket()) {
          free.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
          return port;
        } catch (BindException e) {
          // Taken; the next one.
          continue;
        }
      }
      throw new IOException("no port is free");
    }
  }

  public final String name;
  final int clientPort;
  final int peerPort;
  final int httpPort;
  private final Place place;
  private final Path directory;
  private final Path log;
  private Process process;
  private ManagedChannel channel;
  private ManagedChannel peerChannel;

  NodeProcess(Path parent, String name) throws IOException {
    this(parent, name, Place.onLoopback());
  }

  /**
   * @param parent of the data directory and the log file
   */
  public NodeProcess(Path parent, String name, Place place) {
    this.name = name;
    this.place = place;
    this.directory = parent.resolve(name);
    this.log = parent.resolve(name + ".log");
    clientPort = place.clientPort();
    peerPort = place.peerPort();
    httpPort = place.httpPort();
  }

  /** Starts the process; {@code options} come after name, directory and addresses. */
  public NodeProcess start(String... options) throws IOException {
    // A channel that has asked in vain for long would wait long before it tries again.
    closeChannel();
    var command = new ArrayList<String>(place.launcher());
    command.add(KELVIN.toString());
    command.addAll(List.of("server", "--name", name, "--data-dir", directory.toString()));
    command.addAll(List.of("--listen-client", clientAddress()));
    command.addAll(List.of("--listen-peer", peerAddress()));
    command.addAll(List.of("--listen-http", httpAddress()));
    command.addAll(List.of(options));
    process =
        command(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    return this;
  }

  /** A process that runs {@link #KELVIN} with the JVM of this one and no settings but its own. */
  static ProcessBuilder command(List<String> command) {
    var builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(variable -> variable.startsWith("KELVIN_"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    return builder;
  }

  public NodeProcess awaitReady() {
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

  public int httpStatus(String path) {
    try {
      return get(path).statusCode();
    } catch (IOException e) {
      return -1;
    }
  }

  HttpResponse<String> get(String path) throws IOException {
    try {
      return HTTP.send(
          HttpRequest.newBuilder(URI.create("http://" + httpAddress() + path))
              .timeout(Duration.ofSeconds(10))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  public String clientAddress() {
    return place.host() + ":" + clientPort;
  }

  public String peerAddress() {
    return place.host() + ":" + peerPort;
  }

  private String httpAddress() {
    return place.host() + ":" + httpPort;
  }

  private synchronized ManagedChannel channel() {
    if (channel == null) {
      channel = NettyChannelBuilder.forAddress(place.host(), clientPort).usePlaintext().build();
    }
    return channel;
  }

  public KVGrpc.KVBlockingStub kv() {
    return KVGrpc.newBlockingStub(channel()).withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  public LeaseGrpc.LeaseBlockingStub leases() {
    return LeaseGrpc.newBlockingStub(channel()).withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  public MaintenanceGrpc.MaintenanceBlockingStub maintenance() {
    return MaintenanceGrpc.newBlockingStub(channel()).withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  public ClusterGrpc.ClusterBlockingStub members() {
    return ClusterGrpc.newBlockingStub(channel()).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  /** Cluster care, on the peer port. */
  public CareGrpc.CareBlockingStub care() {
    synchronized (this) {
      if (peerChannel == null) {
        peerChannel = NettyChannelBuilder.forAddress(place.host(), peerPort).usePlaintext().build();
      }
      return CareGrpc.newBlockingStub(peerChannel).withDeadlineAfter(30, TimeUnit.SECONDS);
    }
  }

  boolean inState(State state) {
    return state().filter(state::equals).isPresent();
  }

  /** What it says of itself; empty when it does not answer. */
  Optional<State> state() {
    try {
      return Optional.of(care().status(StatusRequest.getDefaultInstance()).getState());
    } catch (StatusRuntimeException e) {
      return Optional.empty();
    }
  }

  /** Loses the disk, if it has one. */
  public void wipe() throws IOException {
    if (Files.notExists(directory)) {
      return;
    }
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

  public boolean alive() {
    return process != null && process.isAlive();
  }

  /** SIGSTOP: the process does nothing until {@link #resume()}, and does not know. */
  public void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** SIGCONT. */
  public void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  /** Of the process that was started last. */
  public long pid() {
    return process.pid();
  }

  /** Where its output goes. */
  public Path log() {
    return log;
  }

  Path storeDirectory() {
    return directory.resolve("store");
  }

  private void signal(String signal) throws IOException, InterruptedException {
    var kill = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start();
    if (kill.waitFor() != 0) {
      throw new AssertionError("cannot send " + signal + " to " + name);
    }
  }

  /** As a power cut to this process alone. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
    closeChannel();
  }

  /** SIGTERM; returns the exit code. */
  public int stop() throws InterruptedException {
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

  public String output() {
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
