package dev.kelvin.chaos;

import dev.kelvin.checker.client.GrpcEndpoint;
import dev.kelvin.process.NodeProcess;
import dev.kelvin.process.NodeProcess.Place;
import dev.kelvin.proto.care.StatusRequest;
import dev.kelvin.proto.care.StatusResponse;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A place for a node: the process, what is on its disk, and what is meant to be there. */
final class Member implements AutoCloseable {
  /** Small, so that who was away for some time needs a snapshot. */
  private static final List<String> SMALL_LOG =
      List.of("--log-segment-size", "1MiB", "--log-retention-size", "2MiB");

  private static final long STATUS_MILLIS = 400;

  final int number;
  final NodeProcess process;
  final GrpcEndpoint endpoint;

  /** Whether it is meant to be a member. */
  volatile boolean wanted;

  /** Whether a fault holds it, so that others leave it alone. */
  volatile boolean busy;

  private volatile boolean blank = true;
  private volatile boolean meantToRun;

  Member(Path directory, int number, Place place) {
    this.number = number;
    process = new NodeProcess(directory, "n" + (number + 1), place);
    endpoint = new GrpcEndpoint(place.host(), place.clientPort());
  }

  String name() {
    return process.name;
  }

  /** Founds the cluster. */
  void bootstrap() throws IOException {
    run(List.of("--bootstrap"));
  }

  /** Starts it: as what its disk says, or to join the others if that is blank. */
  void start(List<Member> others) throws IOException {
    run(blank ? List.of("--join", addresses(others)) : List.of());
  }

  private static String addresses(List<Member> members) {
    return String.join(",", members.stream().map(m -> m.process.peerAddress()).toList());
  }

  private void run(List<String> options) throws IOException {
    var all = new ArrayList<>(SMALL_LOG);
    all.addAll(options);
    process.start(all.toArray(String[]::new));
    meantToRun = true;
  }

  void kill() throws InterruptedException {
    meantToRun = false;
    process.kill();
  }

  /** SIGTERM, and waits for the end. */
  void stop() throws InterruptedException {
    meantToRun = false;
    process.stop();
  }

  /** Empties the disk of a node that does not run. */
  void wipe() throws IOException {
    process.wipe();
    blank = true;
  }

  /** It has taken part: from now on its disk says what it is. */
  void tookPart() {
    blank = false;
  }

  boolean meantToRun() {
    return meantToRun;
  }

  /** Whether it ended though nobody ended it. */
  boolean diedByItself() {
    return meantToRun && !process.alive();
  }

  /** What it says of itself on its peer port; null when it does not answer. */
  StatusResponse status() {
    try {
      return process
          .care()
          .withDeadlineAfter(STATUS_MILLIS, TimeUnit.MILLISECONDS)
          .status(StatusRequest.getDefaultInstance());
    } catch (StatusRuntimeException e) {
      return null;
    }
  }

  @Override
  public String toString() {
    return name();
  }

  @Override
  public void close() {
    meantToRun = false;
    process.close();
    endpoint.close();
  }
}
