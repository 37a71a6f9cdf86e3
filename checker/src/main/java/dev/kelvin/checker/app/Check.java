package dev.kelvin.checker.app;

import dev.kelvin.checker.client.Patience;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: {@code kelvin-check}. */
@Command(
    name = "kelvin-check",
    description = {
      "Put, get, delete and compare-and-put through failures, until told to end (SIGTERM, Ctrl-C),"
          + " and check that all of it is linearizable and no acknowledged write is lost.",
      "Nobody else may write to the servers meanwhile."
    },
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:nothing is wrong",
      "1:something is",
      "2:wrong options",
      "3:nothing is wrong, but requests failed for 5 s"
    },
    mixinStandardHelpOptions = true)
public final class Check implements Callable<Integer> {
  /** Rounds whose keys stay in the servers. */
  private static final int KEPT = 60;

  private static final Patience PATIENCE =
      new Patience(Duration.ofSeconds(2), Duration.ofSeconds(5));

  /** How long servers may take to answer after the end was asked for. */
  private static final Duration LAST_PATIENCE = Duration.ofSeconds(60);

  @Option(
      names = {"--endpoints", "--endpoint"},
      split = ",",
      defaultValue = "127.0.0.1:2379",
      description = "host:port, of servers or of what is before them (default ${DEFAULT-VALUE})")
  private List<String> endpoints;

  @Option(
      names = "--connections",
      defaultValue = "6",
      description = "spread over the endpoints (default ${DEFAULT-VALUE})")
  private int connections;

  @Option(
      names = "--clients",
      defaultValue = "6",
      description = "each with one request at a time (default ${DEFAULT-VALUE})")
  private int clients;

  @Option(
      names = "--rate",
      defaultValue = "200",
      description = "requests a second at most (default ${DEFAULT-VALUE})")
  private double rate;

  @Option(
      names = "--round",
      defaultValue = "10",
      description = "seconds after which what was seen is checked (default ${DEFAULT-VALUE})")
  private double round;

  @Option(names = "--duration", description = "seconds after which to end without being told to")
  private double duration;

  @Spec private CommandSpec spec;

  private Check() {}

  /** Runs the command and exits with its status. */
  public static void main(String[] args) {
    int status = commandLine().execute(args);
    System.out.flush();
    // Told to end by a signal, the JVM would exit with that one's number.
    Runtime.getRuntime().halt(status);
  }

  static CommandLine commandLine() {
    return new CommandLine(new Check());
  }

  @Override
  public Integer call() throws InterruptedException {
    require(connections > 0 && clients > 0, "--connections and --clients must be at least 1");
    require(rate > 0 && round > 0, "--rate and --round must be more than 0");
    try (var ways = connections()) {
      var plan =
          new CheckRun.Plan(
              "check/" + Long.toString(System.currentTimeMillis(), 36) + "/",
              clients,
              rate,
              seconds(round),
              KEPT,
              PATIENCE,
              LAST_PATIENCE);
      var run = new CheckRun(plan, ways, spec.commandLine().getOut());
      endWhenTold(run);
      return run.run();
    }
  }

  private void endWhenTold(CheckRun run) {
    var runner = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  run.end();
                  try {
                    runner.join();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
    if (duration > 0) {
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  TimeUnit.NANOSECONDS.sleep(seconds(duration).toNanos());
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                run.end();
              });
    }
  }

  private Connections connections() {
    try {
      return new Connections(endpoints, connections);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  private void require(boolean condition, String text) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), text);
    }
  }

  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * TimeUnit.SECONDS.toNanos(1)));
  }
}
