package dev.kelvin.bench;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.KVGrpc;
import dev.kelvin.proto.etcdserverpb.MaintenanceGrpc;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.StatusRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code disk-use}: what a node takes on its disk while the same keys are written over and over,
 * and compacted now and then.
 */
@Command(
    name = "disk-use",
    description =
        "Overwrite keys of a running cluster, compact now and then, and print over time what a node takes on its disk.",
    mixinStandardHelpOptions = true)
final class DiskUseCommand implements Callable<Integer> {
  private static final long DEADLINE_SECONDS = 10;

  @Option(
      names = {"--endpoint", "--endpoints"},
      split = ",",
      defaultValue = "127.0.0.1:2379")
  private List<String> endpoints;

  @Option(
      names = "--data-dir",
      required = true,
      description = "of the node that the first endpoint is")
  private Path directory;

  @Option(names = "--keys", defaultValue = "20000")
  private int keys;

  @Option(names = "--value-size", defaultValue = "1024", description = "bytes, of no pattern")
  private int valueLength;

  @Option(names = "--clients", defaultValue = "64", description = "requests under way")
  private int clients;

  @Option(names = "--rate", defaultValue = "0", description = "puts a second; 0: all that go")
  private int rate;

  @Option(names = "--seconds", defaultValue = "300")
  private int seconds;

  @Option(names = "--compact-every", defaultValue = "10", description = "seconds")
  private int compactEvery;

  @Option(names = "--report-every", defaultValue = "15", description = "seconds")
  private int reportEvery;

  @Option(names = "--markdown", description = "print the table as Markdown")
  private boolean markdown;

  @Spec private CommandSpec spec;

  private final AtomicLong writes = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private final AtomicLong revision = new AtomicLong();
  private volatile boolean running = true;

  /** In bytes, at one moment. */
  private record Use(long log, long store, long inUse) {
    long total() {
      return log + store;
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    var threads = new ArrayList<Thread>();
    try (var connections = new Connections(endpoints, endpoints.size())) {
      for (int i = 0; i < clients; i++) {
        int client = i;
        threads.add(Thread.ofVirtual().start(() -> write(connections, client)));
      }
      threads.add(Thread.ofVirtual().start(() -> compact(connections)));
      report(connections);
      running = false;
      for (var thread : threads) {
        thread.join();
      }
    }
    return 0;
  }

  private void report(Connections connections) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    var table =
        new Table(
            "seconds",
            "puts, thousands",
            "written, MiB",
            "log, MiB",
            "store, MiB",
            "log and store, MiB",
            "store in use, MiB");
    var uses = new ArrayList<Use>();
    long begin = System.nanoTime();
    for (int at = reportEvery; at <= seconds; at += reportEvery) {
      Pause.until(begin + TimeUnit.SECONDS.toNanos(at));
      var use =
          new Use(
              size(directory.resolve("raft")),
              size(directory.resolve("store")),
              inUse(connections));
      uses.add(use);
      long n = writes.get();
      String[] row = {
        Integer.toString(at),
        Table.plain(n / 1000.0, 0),
        Table.mib(n * valueLength),
        Table.mib(use.log),
        Table.mib(use.store),
        Table.mib(use.total()),
        Table.mib(use.inUse)
      };
      table.row(row);
      out.println(String.join(" ", row));
      out.flush();
    }
    out.println(markdown ? table.markdown() : table.text());
    out.printf(
        "%d keys of %d bytes: %s MiB of values; largest use in the first half %s MiB, in the second %s MiB; %d failed puts%n",
        keys,
        valueLength,
        Table.mib((double) keys * valueLength),
        Table.mib(largest(uses.subList(0, uses.size() / 2))),
        Table.mib(largest(uses.subList(uses.size() / 2, uses.size()))),
        failures.get());
    out.flush();
  }

  private static double largest(List<Use> uses) {
    return uses.stream().mapToLong(Use::total).max().orElse(0);
  }

  private void write(Connections connections, int client) {
    var random = ThreadLocalRandom.current();
    var value = new byte[valueLength];
    long apart = rate == 0 ? 0 : TimeUnit.SECONDS.toNanos(1) * clients / rate;
    long next = System.nanoTime();
    while (running) {
      random.nextBytes(value);
      var put =
          PutRequest.newBuilder()
              .setKey(ByteString.copyFromUtf8("disk-use/%08d".formatted(random.nextInt(keys))))
              .setValue(ByteString.copyFrom(value))
              .build();
      try {
        var answer = kv(connections, client).put(put);
        revision.accumulateAndGet(answer.getHeader().getRevision(), Math::max);
        writes.incrementAndGet();
      } catch (StatusRuntimeException e) {
        failures.incrementAndGet();
        LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      }
      next += apart;
      Pause.until(next);
    }
  }

  private void compact(Connections connections) {
    while (running) {
      Pause.until(System.nanoTime() + TimeUnit.SECONDS.toNanos(compactEvery));
      try {
        kv(connections, 0)
            .compact(CompactionRequest.newBuilder().setRevision(revision.get()).build());
      } catch (StatusRuntimeException e) {
        failures.incrementAndGet();
      }
    }
  }

  private static KVGrpc.KVBlockingStub kv(Connections connections, int client) {
    return KVGrpc.newBlockingStub(connections.get(client))
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  private static long inUse(Connections connections) {
    return MaintenanceGrpc.newBlockingStub(connections.get(0))
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .status(StatusRequest.getDefaultInstance())
        .getDbSizeInUse();
  }

  /** Of all files below; those that vanish meanwhile do not count. */
  private static long size(Path parent) throws IOException {
    long sum = 0;
    try (var children = Files.newDirectoryStream(parent)) {
      for (var child : children) {
        try {
          sum += Files.isDirectory(child) ? size(child) : Files.size(child);
        } catch (NoSuchFileException e) {
          continue;
        }
      }
    }
    return sum;
  }
}
