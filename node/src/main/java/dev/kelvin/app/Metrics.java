package dev.kelvin.app;

import dev.kelvin.member.Node;
import dev.kelvin.raft.RaftStatus;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.Reader;
import dev.kelvin.watch.Watches;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.inject.Singleton;
import java.util.function.ToDoubleFunction;

/** The node's state under etcd's names, so that its dashboards and alerts show it. */
@Startup
@Singleton
public class Metrics {
  private final Node node;
  private final MeterRegistry registry;

  Metrics(Node node, MeterRegistry registry) {
    this.node = node;
    this.registry = registry;
  }

  @PostConstruct
  void register() {
    raft("etcd_server_has_leader", "Whether a leader is known.", s -> s.leader() != 0 ? 1 : 0);
    raft(
        "etcd_server_is_leader",
        "Whether this member leads.",
        s -> s.role() == RaftStatus.Role.LEADER ? 1 : 0);
    gauge(
        "etcd_server_is_learner",
        "Whether this member learns and does not vote.",
        n -> n.state() == Node.State.LEARNER ? 1 : 0);
    // Micrometer adds "_total" to counters only; etcd's gauges of that name are counters in nature.
    FunctionCounter.builder("etcd_server_proposals_committed", node, raft(RaftStatus::commit))
        .description("Index of the last entry committed.")
        .register(registry);
    FunctionCounter.builder("etcd_server_proposals_applied", node, raft(RaftStatus::applied))
        .description("Index of the last entry applied.")
        .register(registry);
    store("etcd_mvcc_db_total_size_in_bytes", "Bytes on disk.", Reader::sizeOnDisk);
    store("etcd_mvcc_db_total_size_in_use_in_bytes", "Bytes live data take.", Reader::sizeInUse);
    store("etcd_debugging_mvcc_current_revision", "The store's revision.", Reader::revision);
    store(
        "etcd_debugging_mvcc_compact_revision",
        "Revision of the last compaction.",
        Reader::compactRevision);
    watches();
  }

  private void watches() {
    watches("etcd_debugging_mvcc_watch_stream_total", "Streams of watches.", Watches::streams);
    watches("etcd_debugging_mvcc_watcher_total", "Watches.", Watches::watchers);
    watches("etcd_debugging_mvcc_slow_watcher_total", "Watches that lag.", Watches::lagging);
    FunctionCounter.builder("etcd_debugging_mvcc_events", node, watches(Watches::events))
        .description("Events handed to streams of watches.")
        .register(registry);
  }

  private void watches(String name, String description, ToDoubleFunction<Watches> value) {
    gauge(name, description, watches(value));
  }

  private static ToDoubleFunction<Node> watches(ToDoubleFunction<Watches> value) {
    return n -> {
      var watches = n.watches();
      return watches == null ? 0 : value.applyAsDouble(watches);
    };
  }

  private void raft(String name, String description, ToDoubleFunction<RaftStatus> value) {
    gauge(name, description, raft(value));
  }

  private void store(String name, String description, ToDoubleFunction<Reader> value) {
    gauge(
        name,
        description,
        n -> {
          var reader = n.reader();
          return reader == null ? 0 : value.applyAsDouble(reader);
        });
  }

  private void gauge(String name, String description, ToDoubleFunction<Node> value) {
    Gauge.builder(name, node, value).description(description).register(registry);
  }

  private static ToDoubleFunction<Node> raft(ToDoubleFunction<RaftStatus> value) {
    return n -> {
      Replica replica = n.replica();
      return replica == null ? 0 : value.applyAsDouble(replica.status());
    };
  }
}
