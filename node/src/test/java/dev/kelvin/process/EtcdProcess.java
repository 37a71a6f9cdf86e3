package dev.kelvin.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A real etcd of one member, to be asked what Kelvin is asked. */
final class EtcdProcess implements AutoCloseable {
  final String clientAddress;
  private final Process process;
  private final Path log;

  private EtcdProcess(String clientAddress, Process process, Path log) {
    this.clientAddress = clientAddress;
    this.process = process;
    this.log = log;
  }

  /** Empty, and said loudly, if there is no etcd on PATH. */
  static Optional<EtcdProcess> start(Path directory, Class<?> test) throws IOException {
    var place = NodeProcess.Place.onLoopback();
    var client = "http://127.0.0.1:" + place.clientPort();
    var peer = "http://127.0.0.1:" + place.peerPort();
    var log = directory.resolve("etcd.log");
    var command =
        new ProcessBuilder(
            List.of(
                "etcd",
                "--name=etcd",
                "--data-dir=" + directory.resolve("etcd"),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=etcd=" + peer));
    command.environment().keySet().removeIf(variable -> variable.startsWith("ETCD_"));
    Process process;
    try {
      process = command.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    } catch (IOException e) {
      System.out.printf(
          "*** NOT COMPARED: etcd (3.7 or later) is not on PATH: %s ***%n", test.getSimpleName());
      return Optional.empty();
    }
    var started = new EtcdProcess("127.0.0.1:" + place.clientPort(), process, log);
    started.awaitReady();
    return Optional.of(started);
  }

  private void awaitReady() throws IOException {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!Files.readString(log).contains("serving client traffic insecurely")) {
      if (System.nanoTime() > deadline || !process.isAlive()) {
        close();
        throw new AssertionError("etcd does not start\n" + Files.readString(log));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
