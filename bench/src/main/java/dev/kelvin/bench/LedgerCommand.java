package dev.kelvin.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ledger}: writes through failures and records what was acknowledged. */
@Command(
    name = "ledger",
    description = "Write through failures, and record every acknowledged write in FILE.",
    mixinStandardHelpOptions = true)
final class LedgerCommand implements Callable<Integer> {
  /** All keys of all ledgers; the file names the exact ones. */
  static final String ROOT = "ledger/";

  @Parameters(paramLabel = "FILE")
  private Path file;

  @Option(names = "--endpoints", split = ",", defaultValue = "127.0.0.1:2379")
  private List<String> endpoints;

  @Option(names = "--writers", defaultValue = "8")
  private int writers;

  @Option(names = "--interval", defaultValue = "0", description = "ms between a writer's writes")
  private long interval;

  @Option(names = "--attempt", defaultValue = "500", description = "ms one call may take")
  private long attempt;

  @Option(names = "--patience", defaultValue = "5000", description = "ms one write is tried")
  private long patience;

  @Option(names = "--duration", defaultValue = "30", description = "seconds")
  private double duration;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    var acknowledged = new LongAdder();
    var plan =
        new SteadyWriters.Plan(
            ROOT + Long.toString(System.currentTimeMillis(), 36) + "/",
            writers,
            Duration.ofMillis(interval),
            Duration.ofMillis(attempt),
            Duration.ofMillis(patience));
    try (var connections = new Connections(endpoints, endpoints.size());
        var ledger = new Ledger(file)) {
      var writing =
          new SteadyWriters(
              plan,
              connections,
              (key, value, revision, _) -> {
                ledger.acknowledged(key, value, revision);
                acknowledged.increment();
              });
      try (writing) {
        new CountDownLatch(1).await((long) (duration * 1000), TimeUnit.MILLISECONDS);
      }
      var out = spec.commandLine().getOut();
      out.printf("acknowledged  %d%n", acknowledged.sum());
      out.printf("given up      %d (outcome unknown)%n", writing.givenUp());
      out.printf(
          "longest gap   %d ms without an acknowledgement%n", writing.longestGap().toMillis());
      out.flush();
    }
    return 0;
  }
}
