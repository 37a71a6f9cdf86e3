package dev.kelvin.bench;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What clients leave standing: watchers, under puts in alternating rounds, and leases. */
final class Standing {
  private static final int CONNECTIONS = 12;
  private static final Duration WARM_UP = Duration.ofSeconds(3);
  private static final Duration MEASURE = Duration.ofSeconds(8);

  private final LocalCluster cluster;
  private final Connections connections;
  private final List<Watchers.Result> rounds = new ArrayList<>();
  private Watchers watchers;
  private double watchersMib;
  private Leases.Result leases;

  private Standing(LocalCluster cluster) {
    this.cluster = cluster;
    this.connections = new Connections(cluster.endpoints(), CONNECTIONS);
  }

  /** Measures two clusters, which serve and are empty, and adds to {@code verdicts}. */
  static void run(
      LocalCluster etcd, LocalCluster kelvin, int rounds, Verdicts verdicts, PrintWriter progress)
      throws InterruptedException {
    var first = new Standing(etcd);
    var second = new Standing(kelvin);
    for (var side : List.of(first, second)) {
      progress.printf("%s: making %d watchers%n", side.cluster.title(), Watchers.WATCHERS);
      progress.flush();
      double before = Comparison.largestMib(side.cluster);
      side.watchers = new Watchers(side.connections);
      side.watchersMib = Comparison.largestMib(side.cluster) - before;
    }
    for (int round = 1; round <= rounds; round++) {
      for (var side : List.of(first, second)) {
        var result = side.watchers.run(WARM_UP, MEASURE, side.cluster.pids());
        side.rounds.add(result);
        progress.printf(
            "round %d  %-6s delivery p50 %.2f ms  p99 %.2f ms  %.2f cores%n",
            round, side.cluster.title(), result.millis(50), result.millis(99), result.cores());
        progress.flush();
      }
    }
    for (var side : List.of(first, second)) {
      side.watchers.close();
      progress.printf("%s: granting and renewing leases%n", side.cluster.title());
      progress.flush();
      side.leases = Leases.run(side.cluster, side.connections);
      side.connections.close();
    }
    judge(first, second, verdicts);
  }

  private static void judge(Standing etcd, Standing kelvin, Verdicts verdicts) {
    var watching = "%,d watchers on %d streams".formatted(Watchers.WATCHERS, Watchers.STREAMS);
    verdicts.shown(
        watching + ", MiB more in the largest node", etcd.watchersMib, kelvin.watchersMib, 0);
    watching += ", %,d puts/s: ".formatted(Watchers.RATE);
    verdicts.shown(watching + "delivery p50, ms", etcd.millis(50), kelvin.millis(50), 2);
    verdicts.atMost(watching + "delivery p99, ms", etcd.millis(99), kelvin.millis(99), 1, 2);
    verdicts.atMost(
        watching + "server CPU, cores",
        etcd.median(Watchers.Result::cores),
        kelvin.median(Watchers.Result::cores),
        1,
        2);
    verdicts.none(watching + "events missing", etcd.missing(), kelvin.missing());
    var leases = "%,d leases: ".formatted(Leases.LEASES);
    var ofEtcd = etcd.leases;
    var ofKelvin = kelvin.leases;
    verdicts.shown(
        leases + "granted per second",
        ofEtcd.granted().perSecond(),
        ofKelvin.granted().perSecond(),
        0);
    verdicts.shown(
        leases + "server CPU µs to grant one",
        ofEtcd.granted().cpuMicros(),
        ofKelvin.granted().cpuMicros(),
        1);
    verdicts.shown(
        leases + "renewed per second",
        ofEtcd.renewed().perSecond(),
        ofKelvin.renewed().perSecond(),
        0);
    verdicts.shown(
        leases + "server CPU µs to renew one",
        ofEtcd.renewed().cpuMicros(),
        ofKelvin.renewed().cpuMicros(),
        1);
    verdicts.shown(leases + "MiB more in the largest node", ofEtcd.mib(), ofKelvin.mib(), 0);
    verdicts.none(leases + "failed", ofEtcd.failed(), ofKelvin.failed());
  }

  private double millis(double percentile) {
    return median(result -> result.millis(percentile));
  }

  private double missing() {
    return rounds.stream().mapToDouble(Watchers.Result::missing).sum();
  }

  private double median(ToDoubleFunction<Watchers.Result> number) {
    return Rounds.median(rounds.stream().mapToDouble(number).toArray());
  }
}
