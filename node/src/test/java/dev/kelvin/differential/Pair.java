package dev.kelvin.differential;

import dev.kelvin.process.NodeProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/**
 * A fresh etcd and a fresh Kelvin, one process each, with the same settings. Data is kept in memory
 * where the machine has a file system for that: nothing here is about disks.
 */
final class Pair implements AutoCloseable {
  private static final Path MEMORY = Path.of("/dev/shm");
  private static final String NAME = "one";
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /** etcd's count of watches that have not caught up. */
  private static final Pattern SLOW =
      Pattern.compile("(?m)^etcd_debugging_mvcc_slow_watcher_total (\\S+)$");

  /** Those whose processes run: they end with this process, whatever ends it. */
  private static final Set<Pair> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Pair::end)));
  }

  private final Path directory;
  private final Process etcdProcess;
  private final NodeProcess node;
  final Server etcd;
  final Server kelvin;

  private Pair(Path directory) throws IOException {
    this.directory = directory;
    var place = NodeProcess.Place.onLoopback();
    etcdProcess = startEtcd(directory, place);
    node = new NodeProcess(directory, NAME, NodeProcess.Place.onLoopback());
    RUNNING.add(this);
    try {
      node.start("--bootstrap").awaitReady();
      var client = place.host() + ":" + place.clientPort();
      awaitEtcd(client);
      etcd = new Server("etcd", client, place.host() + ":" + place.peerPort());
      kelvin = new Server("kelvin", node.clientAddress(), node.peerAddress());
    } catch (AssertionError | RuntimeException e) {
      end();
      throw e;
    }
  }

  /** Whether the command {@code etcd} is there, of the version that Kelvin is compared with. */
  static boolean etcdIsThere() throws InterruptedException {
    try {
      var process = new ProcessBuilder("etcd", "--version").redirectErrorStream(true).start();
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 && said.startsWith("etcd Version: 3.7.");
    } catch (IOException e) {
      return false;
    }
  }

  /** Starts both, and returns when both serve. */
  static Pair start() {
    try {
      var parent = Files.isWritable(MEMORY) ? MEMORY : Path.of("target").toAbsolutePath();
      var directory =
          parent.resolve(
              "kelvin-differential-" + ProcessHandle.current().pid() + "-" + COUNT.addAndGet(1));
      return new Pair(Files.createDirectories(directory));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Process startEtcd(Path directory, NodeProcess.Place place) throws IOException {
    var client = "http://" + place.host() + ":" + place.clientPort();
    var peer = "http://" + place.host() + ":" + place.peerPort();
    var builder =
        new ProcessBuilder(
            List.of(
                "etcd",
                "--name=" + NAME,
                "--data-dir=" + directory.resolve("etcd"),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=" + NAME + "=" + peer,
                "--log-level=error"));
    builder.environment().keySet().removeIf(variable -> variable.startsWith("ETCD_"));
    return builder
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("etcd.log").toFile())
        .start();
  }

  private void awaitEtcd(String client) {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!get("http://" + client + "/health").contains("\"true\"")) {
      if (System.nanoTime() > deadline || !etcdProcess.isAlive()) {
        throw new IllegalStateException("etcd does not serve: " + etcdLog());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  /** Empty if there is no answer. */
  private static String get(String url) {
    try {
      return HTTP.send(
              HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(10)).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits until etcd has no watch that catches up; false if that takes too long. */
  boolean awaitEtcdCaughtUp() {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (System.nanoTime() < deadline) {
      var slow = SLOW.matcher(get("http://" + etcd.address + "/metrics"));
      if (slow.find() && Double.parseDouble(slow.group(1)) == 0) {
        return true;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
    return false;
  }

  private String etcdLog() {
    try {
      return Files.readString(directory.resolve("etcd.log"));
    } catch (IOException e) {
      return "no log: " + e;
    }
  }

  /** Why one of them no longer runs; empty if both do. */
  String death() {
    if (!etcdProcess.isAlive()) {
      return "etcd ended by itself:\n" + tail(etcdLog());
    }
    return node.alive() ? "" : "the Kelvin node ended by itself:\n" + tail(node.output());
  }

  /** The last part of what the Kelvin node logged. */
  String log() {
    return tail(node.output());
  }

  private static String tail(String text) {
    return text.substring(Math.max(0, text.length() - 4000));
  }

  private void end() {
    if (!RUNNING.remove(this)) {
      return;
    }
    node.close();
    etcdProcess.destroyForcibly();
    try {
      etcdProcess.waitFor();
      node.kill();
      try (var files = Files.walk(directory)) {
        for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    etcd.close();
    kelvin.close();
    end();
  }
}
