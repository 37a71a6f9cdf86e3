package dev.kelvin.bench;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code compare}: three etcd nodes and three Kelvin nodes under the same load, in one table. */
@Command(
    name = "compare",
    description = "The same load on three etcd nodes and three Kelvin nodes, in one table.",
    mixinStandardHelpOptions = true)
final class CompareCommand implements Callable<Integer> {
  @Option(names = "--rounds", defaultValue = "3")
  private int rounds;

  @Option(names = "--clients", defaultValue = "256", description = "requests under way")
  private int clients;

  @Option(names = "--connections", defaultValue = "6")
  private int connections;

  @Option(names = "--keys", defaultValue = "100000")
  private int keys;

  @Option(names = "--value-size", defaultValue = "128", description = "bytes")
  private int valueLength;

  @Option(names = "--warm-up", defaultValue = "3", description = "seconds before each measure")
  private double warmUp;

  @Option(names = "--duration", defaultValue = "6", description = "seconds of each measure")
  private double duration;

  @Option(names = "--kills", defaultValue = "20", description = "of Kelvin's leader")
  private int kelvinKills;

  @Option(names = "--etcd-kills", defaultValue = "5", description = "of etcd's leader")
  private int etcdKills;

  @Option(names = "--million", description = "also a million keys of 64 B + 1 KiB")
  private boolean million;

  @Option(names = "--standing", description = "also 10,000 watchers and 100,000 leases")
  private boolean standing;

  @Option(names = "--cache", description = "also pipelined SETs of the cache protocol")
  private boolean cache;

  @Option(names = "--markdown", paramLabel = "FILE", description = "also write the table there")
  private Path markdown;

  @Option(
      names = "--dir",
      description = "where the data go while it runs, on a real disk (default: bench/target)")
  private Path directory;

  @Option(names = "--require", description = "exit with 1 where a target does not hold")
  private boolean require;

  @Spec private CommandSpec spec;

  private final List<LocalCluster> clusters = new ArrayList<>();
  private PrintWriter out;

  @Override
  public Integer call() throws IOException, InterruptedException {
    out = spec.commandLine().getOut();
    var etcd = EtcdCluster.binary();
    if (etcd.isEmpty()) {
      return refuse("no `etcd` on the PATH: install etcd 3.6 or later to compare with it");
    }
    var checkout = KelvinCluster.checkout();
    if (checkout.isEmpty()) {
      return refuse("no bin/kelvin around this jar or the working directory");
    }
    Path parent = directory == null ? checkout.get().resolve("bench/target") : directory;
    Files.createDirectories(parent);
    if (Files.getFileStore(parent).type().equals("tmpfs")) {
      return refuse(parent + " is in memory, where a sync costs nothing: name a disk with --dir");
    }
    Path data = Files.createTempDirectory(parent, "compare-");
    var cleaner = new Thread(() -> cleanUp(data), "bench-cleaner");
    Runtime.getRuntime().addShutdownHook(cleaner);
    try {
      var verdicts = compare(etcd.get(), KelvinCluster.launcher(checkout.get()), data);
      out.print(deaths().stripLeading());
      out.flush();
      return require && verdicts.missed() > 0 ? 1 : 0;
    } catch (IllegalStateException | StatusRuntimeException | UncheckedIOException e) {
      return refuse(e.getMessage() + deaths());
    } finally {
      cleanUp(data);
      forget(cleaner);
    }
  }

  /** The last words of nodes that ended without being asked to. */
  private String deaths() {
    var words = new StringBuilder();
    synchronized (clusters) {
      for (var cluster : clusters) {
        for (var node : cluster.nodes) {
          if (node.ended()) {
            words.append(
                "%n%s node ended, its log ends with:%n%s"
                    .formatted(cluster.title(), LocalCluster.tail(node.log())));
          }
        }
      }
    }
    return words.toString();
  }

  private static void forget(Thread cleaner) {
    try {
      Runtime.getRuntime().removeShutdownHook(cleaner);
    } catch (IllegalStateException e) {
      // It runs already, on Ctrl-C, and finds nothing left to do.
      return;
    }
  }

  private Verdicts compare(Path etcd, Path kelvin, Path data)
      throws IOException, InterruptedException {
    var settings =
        new Comparison.Settings(
            rounds,
            clients,
            connections,
            keys,
            16,
            valueLength,
            millis(warmUp),
            millis(duration),
            kelvinKills,
            etcdKills);
    var first = found(new EtcdCluster(etcd, data.resolve("etcd")));
    var second = found(new KelvinCluster(kelvin, data.resolve("kelvin")));
    String versions = "etcd " + first.version() + ", Kelvin " + second.version();
    out.println(Machine.describe());
    out.println(versions);
    out.flush();
    var verdicts = Comparison.run(settings, first, second, out);
    first.close();
    second.close();
    if (standing) {
      var etcds = found(new EtcdCluster(etcd, data.resolve("etcd-standing")));
      var kelvins = found(new KelvinCluster(kelvin, data.resolve("kelvin-standing")));
      Standing.run(etcds, kelvins, rounds, verdicts, out);
      etcds.close();
      kelvins.close();
    }
    if (cache) {
      var etcds = found(new EtcdCluster(etcd, data.resolve("etcd-cache")));
      var kelvins = found(new KelvinCluster(kelvin, data.resolve("kelvin-cache")).withCacheDoor());
      Pipelined.run(settings, etcds, kelvins, verdicts, out);
      etcds.close();
      kelvins.close();
    }
    if (million) {
      Million.run(
          found(new EtcdCluster(etcd, data.resolve("etcd-million"))),
          found(new KelvinCluster(kelvin, data.resolve("kelvin-million"))),
          settings,
          verdicts,
          out);
    }
    out.println();
    out.print(verdicts.table().text());
    out.flush();
    if (markdown != null) {
      Files.writeString(markdown, markdown(verdicts, versions));
    }
    return verdicts;
  }

  private <C extends LocalCluster> C found(C cluster) {
    synchronized (clusters) {
      clusters.add(cluster);
    }
    out.println("starting three " + cluster.title() + " nodes");
    out.flush();
    cluster.found();
    return cluster;
  }

  private String markdown(Verdicts verdicts, String versions) {
    String options =
        spec.commandLine().getParseResult().originalArgs().stream()
            .filter(argument -> !argument.equals(spec.name()))
            .collect(Collectors.joining(" "));
    return """
        # Kelvin beside etcd

        - Date: %s
        - Machine: %s
        - Versions: %s
        - Command: `make bench%s`

        Three nodes each on one machine, fsync on, %d keys, values of %d bytes, %d clients over \
        %d connections spread over the nodes; %d alternating rounds of %s s after %s s of warm-up, \
        median of the rounds. The generator shares the machine with the nodes. CPU is that of the \
        three nodes together, per operation.

        One client means one request at a time, to the leader. Failover is the time from `kill -9` \
        of the leader to the first acknowledgement of a write sent after its end, with a writer on \
        each node. Beside cache SETs (`--cache`) stand etcd's puts, with as many under way on as many \
        connections.

        %s
        ## By hand

        The generator runs against any etcd v3 endpoints (`mvn package -DskipTests` builds it):

        ```
        java -jar bench/target/kelvin-bench.jar load fill --endpoints 127.0.0.1:2379,127.0.0.1:22379
        java -jar bench/target/kelvin-bench.jar load put --clients 256 --server-pids PID,PID,PID
        java -jar bench/target/kelvin-bench.jar load get --rate 5000 --duration 30 --json
        java -jar bench/target/kelvin-bench.jar ledger acknowledged.txt --duration 60
        java -jar bench/target/kelvin-bench.jar verify acknowledged.txt --endpoint 127.0.0.1:2379
        ```

        `load` knows `put`, `get` (linearizable), `sget` (serializable), `cas` (compare the mod \
        revision, then put) and `fill`. With `--rate` it is an open loop: requests go out on a \
        schedule, and latency counts from the scheduled time, so a stall is charged to every request \
        it delays. `ledger` writes through failures and records what was acknowledged; `verify` looks \
        for all of it.
        """
        .formatted(
            LocalDate.now(ZoneOffset.UTC),
            Machine.describe(),
            versions,
            options.isEmpty() ? "" : " BENCH=\"" + options + "\"",
            keys,
            valueLength,
            clients,
            connections,
            rounds,
            Table.plain(duration, 0),
            Table.plain(warmUp, 0),
            verdicts.table().markdown());
  }

  private int refuse(String why) {
    var err = spec.commandLine().getErr();
    err.println("kelvin-bench: " + why);
    err.flush();
    return 2;
  }

  /** Ends what this run started, and deletes its data. */
  private synchronized void cleanUp(Path data) {
    synchronized (clusters) {
      clusters.forEach(LocalCluster::close);
      clusters.clear();
    }
    if (!Files.exists(data)) {
      return;
    }
    try (var files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Duration millis(double seconds) {
    return Duration.ofMillis((long) (seconds * 1000));
  }
}
