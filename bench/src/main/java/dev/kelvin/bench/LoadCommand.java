package dev.kelvin.bench;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code load}: one kind of operation against any etcd v3 endpoints. */
@Command(
    name = "load",
    description = "Load any etcd v3 endpoints with one kind of operation and measure.",
    mixinStandardHelpOptions = true)
final class LoadCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "OP",
      description = "put, get (linearizable), sget (serializable), cas, or fill (every key once)")
  private Op op;

  @Option(names = "--endpoints", split = ",", defaultValue = "127.0.0.1:2379")
  private List<String> endpoints;

  @Option(
      names = "--clients",
      defaultValue = "256",
      description = "requests under way in a closed loop (default ${DEFAULT-VALUE})")
  private int clients;

  @Option(
      names = "--connections",
      defaultValue = "6",
      description = "connections, spread over the endpoints (default ${DEFAULT-VALUE})")
  private int connections;

  @Option(
      names = "--rate",
      defaultValue = "0",
      description = "requests a second of an open loop; 0, the default, is a closed loop")
  private double rate;

  @Option(names = "--keys", defaultValue = "100000")
  private int keys;

  @Option(names = "--key-size", defaultValue = "16", description = "bytes")
  private int keyLength;

  @Option(names = "--value-size", defaultValue = "128", description = "bytes")
  private int valueLength;

  @Option(names = "--warm-up", defaultValue = "3", description = "seconds")
  private double warmUp;

  @Option(names = "--duration", defaultValue = "10", description = "seconds measured")
  private double duration;

  @Option(
      names = "--server-pids",
      split = ",",
      description = "processes on this machine whose CPU and memory are measured")
  private List<Long> serverPids = List.of();

  @Option(names = "--json", description = "print one JSON object instead of a table")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    var plan =
        new Load.Plan(
            op,
            keys,
            keyLength,
            valueLength,
            clients,
            rate,
            millis(warmUp),
            millis(duration),
            serverPids);
    LoadResult result;
    try (var open = new Connections(endpoints, connections)) {
      result = Load.run(plan, open);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? result.json() + "\n" : table(result).text());
    out.flush();
    return result.done() == 0 ? 1 : 0;
  }

  private static Duration millis(double seconds) {
    return Duration.ofMillis((long) (seconds * 1000));
  }

  static Table table(LoadResult result) {
    var table =
        new Table("what", "value")
            .row("operation", result.op().name().toLowerCase(Locale.ROOT))
            .row("seconds", Table.plain(result.seconds(), 2))
            .row("operations", Long.toString(result.done()))
            .row("a second", Table.plain(result.perSecond(), 0))
            .row("p50 ms", Table.plain(result.millis(50), 2))
            .row("p90 ms", Table.plain(result.millis(90), 2))
            .row("p99 ms", Table.plain(result.millis(99), 2))
            .row("p99.9 ms", Table.plain(result.millis(99.9), 2))
            .row("max ms", Table.plain(result.latency().getMaxValue() / 1e6, 2))
            .row("server CPU µs/op", Table.plain(result.serverCpuMicros(), 1))
            .row("generator CPU µs/op", Table.plain(result.ownCpuMicros(), 1));
    for (long bytes : result.residentBytes()) {
      table.row("server resident MiB", Table.mib(bytes));
    }
    if (result.lost() > 0) {
      table.row("comparisons lost", Long.toString(result.lost()));
    }
    result.errors().forEach((code, count) -> table.row("error " + code, Long.toString(count)));
    if (result.unanswered() > 0) {
      table.row("unanswered at the end", Long.toString(result.unanswered()));
    }
    return table;
  }
}
