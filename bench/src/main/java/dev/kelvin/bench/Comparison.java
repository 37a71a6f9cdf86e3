package dev.kelvin.bench;

import io.grpc.StatusRuntimeException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The same load on etcd and on Kelvin, in alternating rounds, with both clusters up all the time,
 * so that what else the machine does meets both.
 */
final class Comparison {
  /** How long and how hard. */
  record Settings(
      int rounds,
      int clients,
      int connections,
      int keys,
      int keyLength,
      int valueLength,
      Duration warmUp,
      Duration measure,
      int kelvinKills,
      int etcdKills) {}

  private static final Duration FIRST_WARM_UP = Duration.ofSeconds(5);
  private static final long QUIET_SECONDS = 5;
  private static final double MIB = 1 << 20;
  private static final double FAILOVER_LIMIT_MILLIS = 2000;
  private static final int TRANSFERS = 20;
  private static final double TRANSFER_LIMIT_MILLIS = 100;

  private final Settings settings;
  private final PrintWriter progress;
  private final Side etcd;
  private final Side kelvin;
  private final KelvinCluster kelvinCluster;
  private final Verdicts verdicts = new Verdicts();

  /** A cluster under load, with what was measured of it. */
  private static final class Side implements AutoCloseable {
    final LocalCluster cluster;
    final Rounds rounds = new Rounds();
    final Connections connections;
    double idleMib;

    Side(LocalCluster cluster, int connections) {
      this.cluster = cluster;
      this.connections = new Connections(cluster.endpoints(), connections);
    }

    @Override
    public void close() {
      connections.close();
    }
  }

  private Comparison(
      Settings settings, EtcdCluster etcd, KelvinCluster kelvin, PrintWriter progress) {
    this.settings = settings;
    this.progress = progress;
    this.kelvinCluster = kelvin;
    this.etcd = new Side(etcd, settings.connections);
    this.kelvin = new Side(kelvin, settings.connections);
  }

  /** Compares two clusters that serve and are empty. */
  static Verdicts run(
      Settings settings, EtcdCluster etcd, KelvinCluster kelvin, PrintWriter progress)
      throws InterruptedException {
    var comparison = new Comparison(settings, etcd, kelvin, progress);
    try (comparison.etcd;
        comparison.kelvin) {
      comparison.measure();
    }
    return comparison.verdicts;
  }

  private void measure() throws InterruptedException {
    new CountDownLatch(1).await(QUIET_SECONDS, TimeUnit.SECONDS);
    for (Side system : List.of(etcd, kelvin)) {
      system.idleMib = largestMib(system.cluster);
      prepare(system);
    }
    for (int round = 1; round <= settings.rounds; round++) {
      double etcdPuts = 0;
      for (Side system : List.of(etcd, kelvin)) {
        for (var workload : Rounds.Workload.values()) {
          double rate = workload == Rounds.Workload.STEADY_PUT ? etcdPuts / 2 : 0;
          var result = run(system, workload, rate);
          system.rounds.add(workload, result);
          if (system == etcd && workload == Rounds.Workload.PUT) {
            etcdPuts = result.perSecond();
          }
          report(round, system, workload, result);
        }
      }
    }
    judgeLoad();
    judgeTransfer();
    judgeFailover();
    judgeMemory();
  }

  /** Writes every key, then lets the JVMs and the generator see each kind of call. */
  private void prepare(Side system) {
    progress.printf("%s: filling and warming up%n", system.cluster.title());
    progress.flush();
    Load.run(
        plan(Op.FILL, settings.clients, 0, Duration.ZERO, Duration.ZERO, system),
        system.connections);
    for (Op op : List.of(Op.PUT, Op.GET, Op.SGET, Op.CAS)) {
      Load.run(
          plan(op, settings.clients, 0, FIRST_WARM_UP, Duration.ofMillis(1), system),
          system.connections);
    }
  }

  private LoadResult run(Side system, Rounds.Workload workload, double rate)
      throws InterruptedException {
    var op = workload.op;
    if (!workload.oneClient()) {
      return Load.run(
          plan(op, settings.clients, rate, settings.warmUp, settings.measure, system),
          system.connections);
    }
    // To the leader of both: whether the one client met it or a follower would be chance.
    var leader = system.cluster.endpoints().get(system.cluster.leader());
    try (var one = new Connections(List.of(leader), 1)) {
      return Load.run(
          plan(op, 1, 0, settings.warmUp.dividedBy(2), settings.measure.dividedBy(2), system), one);
    }
  }

  private Load.Plan plan(
      Op op, int clients, double rate, Duration warmUp, Duration measure, Side system) {
    return new Load.Plan(
        op,
        settings.keys,
        settings.keyLength,
        settings.valueLength,
        clients,
        rate,
        warmUp,
        measure,
        system.cluster.pids());
  }

  private void report(int round, Side system, Rounds.Workload workload, LoadResult result) {
    progress.printf(
        Locale.ROOT,
        "round %d  %-6s %-10s %8.0f/s  p50 %7.2f ms  p99 %7.2f ms  %6.1f µs/op  (generator %.1f)%s%n",
        round,
        system.cluster.title(),
        workload.name().toLowerCase(Locale.ROOT),
        result.perSecond(),
        result.millis(50),
        result.millis(99),
        result.serverCpuMicros(),
        result.ownCpuMicros(),
        result.failed() + result.unanswered() == 0
            ? ""
            : "  failed " + result.errors() + ", unanswered " + result.unanswered());
    progress.flush();
  }

  private void judgeLoad() {
    var puts = Rounds.Workload.PUT;
    var gets = Rounds.Workload.GET;
    var serializable = Rounds.Workload.SGET;
    var swaps = Rounds.Workload.CAS;
    verdicts.atMost("put, server CPU µs", cpu(etcd, puts), cpu(kelvin, puts), 0.4, 1);
    verdicts.atLeast("put, per second", rate(etcd, puts), rate(kelvin, puts), 2, 0);
    verdicts.atMost("get, server CPU µs", cpu(etcd, gets), cpu(kelvin, gets), 0.4, 1);
    verdicts.atMost(
        "serializable get, server CPU µs",
        cpu(etcd, serializable),
        cpu(kelvin, serializable),
        0.4,
        1);
    verdicts.atLeast("get, per second", rate(etcd, gets), rate(kelvin, gets), 1.5, 0);
    verdicts.atLeast(
        "serializable get, per second",
        rate(etcd, serializable),
        rate(kelvin, serializable),
        1.5,
        0);
    verdicts.shown("compare-and-put, server CPU µs", cpu(etcd, swaps), cpu(kelvin, swaps), 1);
    verdicts.shown("compare-and-put, per second", rate(etcd, swaps), rate(kelvin, swaps), 0);
    var steady = Rounds.Workload.STEADY_PUT;
    verdicts.atMost(
        "put at half of etcd's rate, p99 ms",
        millis(etcd, steady, 99),
        millis(kelvin, steady, 99),
        1,
        2);
    var onePut = Rounds.Workload.ONE_PUT;
    var oneGet = Rounds.Workload.ONE_GET;
    verdicts.atMost(
        "one client, put p50 ms", millis(etcd, onePut, 50), millis(kelvin, onePut, 50), 1, 2);
    verdicts.atMost(
        "one client, get p50 ms", millis(etcd, oneGet, 50), millis(kelvin, oneGet, 50), 1, 2);
    verdicts.none("failed calls", etcd.rounds.failed(), kelvin.rounds.failed());
  }

  private void judgeTransfer() throws InterruptedException {
    double loadedEtcd = largestMib(etcd.cluster);
    double loadedKelvin = largestMib(kelvin.cluster);
    verdicts.shown("memory of the largest node after the load, MiB", loadedEtcd, loadedKelvin, 0);
    var ofEtcd = transfers(etcd);
    var ofKelvin = transfers(kelvin);
    verdicts.under(
        "planned leader change, median stall of %d, ms".formatted(TRANSFERS),
        ofEtcd.median(),
        ofKelvin.median(),
        TRANSFER_LIMIT_MILLIS,
        1);
    verdicts.shown(
        "planned leader change, longest stall, ms", ofEtcd.slowest(), ofKelvin.slowest(), 1);
    verdicts.none("calls failed meanwhile", ofEtcd.failed(), ofKelvin.failed());
  }

  private Transfers.Result transfers(Side system) throws InterruptedException {
    progress.printf("%s: moving leadership %d times%n", system.cluster.title(), TRANSFERS);
    progress.flush();
    var result = Transfers.run(system.cluster, TRANSFERS);
    progress.printf(
        "%s: stalls of %s ms%n",
        system.cluster.title(), result.stalls().stream().map(s -> "%.1f".formatted(s)).toList());
    progress.flush();
    return result;
  }

  private void judgeFailover() throws InterruptedException {
    var ofEtcd = failover(etcd, settings.etcdKills);
    var ofKelvin = failover(kelvin, settings.kelvinKills);
    verdicts.under(
        "failover, slowest of %d (etcd %d), ms".formatted(settings.kelvinKills, settings.etcdKills),
        ofEtcd.slowest(),
        ofKelvin.slowest(),
        FAILOVER_LIMIT_MILLIS,
        0);
    verdicts.shown("failover, median, ms", ofEtcd.median(), ofKelvin.median(), 0);
    verdicts.shown(
        "writes acknowledged during failovers", ofEtcd.acknowledged(), ofKelvin.acknowledged(), 0);
    verdicts.none("of these missing afterwards", ofEtcd.missing(), ofKelvin.missing());
  }

  private Failover.Result failover(Side system, int kills) throws InterruptedException {
    progress.printf("%s: killing the leader %d times%n", system.cluster.title(), kills);
    progress.flush();
    Failover.Result result;
    try {
      result = Failover.run(system.cluster, kills);
    } catch (IllegalStateException | StatusRuntimeException e) {
      // A cluster that does not survive misses its targets; the other numbers still count.
      progress.printf("%s: %s%n", system.cluster.title(), e.getMessage());
      progress.flush();
      return Failover.Result.NONE;
    }
    progress.printf(
        "%s: first acknowledgement after %s ms; %.0f of %.0f missing%n",
        system.cluster.title(), result.each(), result.missing(), result.acknowledged());
    progress.flush();
    return result;
  }

  private void judgeMemory() {
    verdicts.under(
        "start of an empty node to serving, ms",
        Double.NaN,
        kelvinCluster.slowestEmptyStart().toMillis(),
        2000,
        0);
    verdicts.under("memory of an idle node, MiB", etcd.idleMib, kelvin.idleMib, 200, 0);
  }

  static double largestMib(LocalCluster cluster) {
    return Collections.max(Proc.residentBytes(cluster.pids())) / MIB;
  }

  private static double cpu(Side system, Rounds.Workload workload) {
    return system.rounds.median(workload, LoadResult::serverCpuMicros);
  }

  private static double rate(Side system, Rounds.Workload workload) {
    return system.rounds.median(workload, LoadResult::perSecond);
  }

  private static double millis(Side system, Rounds.Workload workload, double percentile) {
    return system.rounds.median(workload, result -> result.millis(percentile));
  }
}
