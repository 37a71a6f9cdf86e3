package dev.kelvin.bench;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * SETs of the cache protocol on Kelvin beside puts on etcd: the same keys and values, and as many
 * requests under way on as many connections, in alternating rounds.
 */
final class Pipelined {
  private static final int CONNECTIONS = 16;
  private static final Duration FIRST_WARM_UP = Duration.ofSeconds(5);

  /** How many requests a connection has under way. */
  enum Depth {
    DEEP(64),
    ONE(1);

    final int underWay;

    Depth(int underWay) {
      this.underWay = underWay;
    }

    String words() {
      return "%d connections x %d under way".formatted(CONNECTIONS, underWay);
    }
  }

  private final Comparison.Settings settings;
  private final LocalCluster etcd;
  private final KelvinCluster kelvin;
  private final Connections toEtcd;
  private final Map<Depth, Rounds.Medians> ofEtcd = new EnumMap<>(Depth.class);
  private final Map<Depth, Rounds.Medians> ofKelvin = new EnumMap<>(Depth.class);
  private final PrintWriter progress;

  private Pipelined(
      Comparison.Settings settings,
      LocalCluster etcd,
      KelvinCluster kelvin,
      Connections toEtcd,
      PrintWriter progress) {
    this.settings = settings;
    this.etcd = etcd;
    this.kelvin = kelvin;
    this.toEtcd = toEtcd;
    this.progress = progress;
    for (var depth : Depth.values()) {
      ofEtcd.put(depth, new Rounds.Medians());
      ofKelvin.put(depth, new Rounds.Medians());
    }
  }

  /**
   * Measures two clusters, which serve and are empty, and adds to {@code verdicts}.
   *
   * @param kelvin with its cache doors open
   */
  static void run(
      Comparison.Settings settings,
      LocalCluster etcd,
      KelvinCluster kelvin,
      Verdicts verdicts,
      PrintWriter progress) {
    try (var connections = new Connections(etcd.endpoints(), CONNECTIONS)) {
      var comparison = new Pipelined(settings, etcd, kelvin, connections, progress);
      comparison.measure();
      comparison.judge(verdicts);
    }
  }

  private void measure() {
    progress.printf("etcd and Kelvin: filling and warming up%n");
    progress.flush();
    fill(etcd);
    fill(kelvin);
    puts(Depth.DEEP, FIRST_WARM_UP, Duration.ofMillis(1));
    sets(Depth.DEEP, FIRST_WARM_UP, Duration.ofMillis(1));
    for (int round = 1; round <= settings.rounds(); round++) {
      for (var depth : Depth.values()) {
        var put = puts(depth, settings.warmUp(), settings.measure());
        report(round, etcd, "put", depth, put);
        ofEtcd.get(depth).add(put);
        var set = sets(depth, settings.warmUp(), settings.measure());
        report(round, kelvin, "SET", depth, set);
        ofKelvin.get(depth).add(set);
      }
    }
  }

  /** Over the API that both have. */
  private void fill(LocalCluster cluster) {
    var plan =
        new Load.Plan(
            Op.FILL,
            settings.keys(),
            settings.keyLength(),
            settings.valueLength(),
            settings.clients(),
            0,
            Duration.ZERO,
            Duration.ZERO,
            List.of());
    try (var connections = new Connections(cluster.endpoints(), settings.connections())) {
      Load.run(plan, connections);
    }
  }

  private LoadResult puts(Depth depth, Duration warmUp, Duration measure) {
    return Load.run(
        new Load.Plan(
            Op.PUT,
            settings.keys(),
            settings.keyLength(),
            settings.valueLength(),
            CONNECTIONS * depth.underWay,
            0,
            warmUp,
            measure,
            etcd.pids()),
        toEtcd);
  }

  private LoadResult sets(Depth depth, Duration warmUp, Duration measure) {
    return CacheLoad.run(
        new CacheLoad.Plan(
            kelvin.cacheEndpoints(),
            CONNECTIONS,
            depth.underWay,
            settings.keys(),
            settings.keyLength(),
            settings.valueLength(),
            warmUp,
            measure,
            kelvin.pids()));
  }

  private void report(int round, LocalCluster cluster, String what, Depth depth, LoadResult r) {
    progress.printf(
        Locale.ROOT,
        "round %d  %-6s %s, %s: %.0f/s  p50 %.2f ms  p99 %.2f ms  %.1f µs/op  (generator %.1f)%s%n",
        round,
        cluster.title(),
        what,
        depth.words(),
        r.perSecond(),
        r.millis(50),
        r.millis(99),
        r.serverCpuMicros(),
        r.ownCpuMicros(),
        r.failed() + r.unanswered() == 0
            ? ""
            : "  failed " + r.errors() + ", unanswered " + r.unanswered());
    progress.flush();
  }

  private void judge(Verdicts verdicts) {
    for (var depth : Depth.values()) {
      var etcds = ofEtcd.get(depth);
      var kelvins = ofKelvin.get(depth);
      var what = "cache SET (etcd: put), " + depth.words() + ": ";
      double etcdCpu = etcds.of(LoadResult::serverCpuMicros);
      double kelvinCpu = kelvins.of(LoadResult::serverCpuMicros);
      double etcdRate = etcds.of(LoadResult::perSecond);
      double kelvinRate = kelvins.of(LoadResult::perSecond);
      if (depth == Depth.DEEP) {
        verdicts.atMost(what + "server CPU µs", etcdCpu, kelvinCpu, 0.4, 1);
        verdicts.atLeast(what + "per second", etcdRate, kelvinRate, 2, 0);
      } else {
        verdicts.shown(what + "server CPU µs", etcdCpu, kelvinCpu, 1);
        verdicts.shown(what + "per second", etcdRate, kelvinRate, 0);
      }
      for (int percentile : new int[] {50, 99}) {
        verdicts.shown(
            what + "p" + percentile + " ms",
            etcds.of(result -> result.millis(percentile)),
            kelvins.of(result -> result.millis(percentile)),
            2);
      }
      verdicts.none(what + "failed", etcds.failed(), kelvins.failed());
    }
  }
}
