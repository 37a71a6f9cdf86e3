package dev.kelvin.app;

import static dev.kelvin.app.Exposition.Type.COUNTER;
import static dev.kelvin.app.Exposition.Type.GAUGE;
import static dev.kelvin.app.Exposition.Type.HISTOGRAM;

import dev.kelvin.api.ApiLevel;
import dev.kelvin.api.Limits;
import dev.kelvin.api.cache.TcpDoors;
import dev.kelvin.api.etcd.EtcdDoor;
import dev.kelvin.api.rest.HealthMeter;
import dev.kelvin.member.Measures;
import dev.kelvin.member.Node;
import dev.kelvin.peer.PeerMeter;
import dev.kelvin.raft.RaftStatus;
import dev.kelvin.store.Reader;
import dev.kelvin.watch.Watches;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Map;

/**
 * The page that Prometheus reads: the node's state under etcd's names, so that etcd's dashboards
 * and alerts show it, and under names of our own what etcd has no word for (docs/metrics.md); then
 * what the framework says of the JVM. What cannot be measured is left out.
 */
@Path("/metrics")
public class Metrics {
  private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final Node node;
  private final Limits limits;
  private final EtcdDoor door;
  private final TcpDoors tcp;
  private final HealthMeter health;
  private final CollectorRegistry jvm;

  @Inject
  Metrics(
      Node node,
      Limits limits,
      EtcdDoor door,
      TcpDoors tcp,
      HealthMeter health,
      CollectorRegistry jvm) {
    this.node = node;
    this.limits = limits;
    this.door = door;
    this.tcp = tcp;
    this.health = health;
    this.jvm = jvm;
  }

  @GET
  @Blocking
  public Response page() throws IOException {
    var page = new Exposition();
    raft(page);
    var reader = node.reader();
    if (reader != null) {
      store(page, reader);
    }
    var watches = node.watches();
    if (watches != null) {
      watches(page, watches);
    }
    var measures = node.measures();
    if (measures != null) {
      replica(page, measures);
      disk(page, measures);
      requests(page, measures);
      compaction(page, measures);
      leases(page, measures);
    }
    peers(page, node.peerMeters().all());
    CallSeries.write(page, door.calls());
    TcpSeries.write(page, tcp.meters());
    health(page);
    versions(page);
    ProcessSeries.write(page);
    var rest = new StringWriter();
    TextFormat.write004(rest, jvm.metricFamilySamples());
    return Response.ok(page.text() + rest).type(TYPE).build();
  }

  /** These are there in every state of a node: one that waits has no leader. */
  private void raft(Exposition page) {
    var replica = node.replica();
    var status = replica == null ? null : replica.status();
    page.gauge(
        "etcd_server_has_leader",
        "Whether a leader is known.",
        status != null && status.leader() != 0 ? 1 : 0);
    page.gauge(
        "etcd_server_is_leader",
        "Whether this member leads.",
        status != null && status.role() == RaftStatus.Role.LEADER ? 1 : 0);
    page.gauge(
        "etcd_server_is_learner",
        "Whether this member learns and does not vote.",
        node.state() == Node.State.LEARNER ? 1 : 0);
    page.family(GAUGE, "kelvin_node_state", "1 for the state that the node is in.");
    for (var state : Node.State.values()) {
      page.value(node.state() == state ? 1 : 0, "state", state.name());
    }
    if (status != null) {
      // Gauges in etcd as well, whatever their names say.
      page.gauge(
          "etcd_server_proposals_committed_total",
          "Index of the last entry committed.",
          status.commit());
      page.gauge(
          "etcd_server_proposals_applied_total",
          "Index of the last entry applied.",
          status.applied());
      page.gauge("kelvin_raft_term", "Term that this member is in.", status.term());
      page.gauge("kelvin_raft_last_index", "Index of the last entry.", status.lastIndex());
    }
  }

  private static void replica(Exposition page, Measures measures) {
    var replica = measures.replica();
    page.counter(
        "etcd_server_leader_changes_seen_total",
        "How often a leader was found where none, or another one, was known.",
        replica.leaderChanges());
    page.gauge(
        "etcd_server_proposals_pending",
        "Proposals of this member without outcome.",
        replica.proposalsPending());
    page.counter(
        "etcd_server_proposals_failed_total",
        "Proposals of this member that had no outcome in time.",
        replica.proposalsFailed());
    page.counter(
        "etcd_server_heartbeat_send_failures_total",
        "Heartbeats that this leader was late with for its own fault.",
        replica.lateHeartbeats());
    page.counter(
        "etcd_server_read_indexes_failed_total",
        "Questions for a commit index that were refused or dropped.",
        replica.readIndexesFailed());
    page.counter(
        "etcd_server_slow_read_indexes_total",
        "Reads that were not given a commit index in time.",
        replica.slowReadIndexes());
    page.counter(
        "etcd_server_slow_apply_total",
        "Batches that took longer than 100 ms to apply.",
        measures.slowApplies());
    page.gauge(
        "etcd_server_snapshot_apply_in_progress_total",
        "1 while a snapshot takes the place of the store.",
        measures.installing() ? 1 : 0);
  }

  private static void store(Exposition page, Reader reader) {
    page.gauge(
        "etcd_mvcc_db_total_size_in_bytes",
        "Bytes of the store's files and of what is on its way there.",
        reader.sizeOnDisk());
    page.gauge(
        "etcd_mvcc_db_total_size_in_use_in_bytes",
        "What live data take of it, as estimated.",
        reader.sizeInUse());
    page.gauge("etcd_debugging_mvcc_current_revision", "The store's revision.", reader.revision());
    page.gauge(
        "etcd_debugging_mvcc_compact_revision",
        "Revision of the last compaction.",
        reader.compactRevision());
  }

  private static void watches(Exposition page, Watches watches) {
    page.gauge("etcd_debugging_mvcc_watch_stream_total", "Watch streams.", watches.streams());
    page.gauge("etcd_debugging_mvcc_watcher_total", "Watches.", watches.watchers());
    page.gauge("etcd_debugging_mvcc_slow_watcher_total", "Watches that lag.", watches.lagging());
    page.gauge(
        "etcd_debugging_mvcc_pending_events_total",
        "Changes of which watches in sync are to be told.",
        watches.pending());
    page.counter(
        "etcd_debugging_mvcc_events_total", "Events handed to watch streams.", watches.events());
  }

  private void disk(Exposition page, Measures measures) {
    page.histogram(
        "etcd_disk_wal_fsync_duration_seconds",
        "Time of each fsync of a file of the log.",
        measures.logForces());
    page.histogram(
        "etcd_disk_wal_write_duration_seconds",
        "Time of each write to a file of the log.",
        measures.logWrites());
    page.gauge(
        "etcd_disk_wal_write_bytes_total", "Bytes written to the log.", measures.logWrittenBytes());
    page.gauge("kelvin_log_size_bytes", "Bytes of the log's files.", measures.logBytes());
    page.histogram(
        "etcd_disk_backend_commit_duration_seconds",
        "Time the store took for each batch of entries.",
        measures.applies());
    page.histogram(
        "kelvin_store_flush_duration_seconds",
        "Time until what was applied was durable in the store.",
        measures.storeFlushes());
    page.histogram(
        "kelvin_store_checkpoint_duration_seconds",
        "Time of each copy of the store for another member.",
        measures.storeCheckpoints());
    long quota = limits.quotaBytes() > 0 ? limits.quotaBytes() : measures.roomBytes();
    if (quota >= 0) {
      page.gauge(
          "etcd_server_quota_backend_bytes",
          "Bytes that the store may take: the quota, or what the disk has room for.",
          quota);
    }
  }

  private static void requests(Exposition page, Measures measures) {
    var store = measures.store();
    page.counter("etcd_mvcc_range_total", "Ranges read here.", store.ranges());
    page.counter("etcd_mvcc_put_total", "Puts applied.", store.puts());
    page.counter("etcd_mvcc_delete_total", "Deletes applied.", store.deletes());
    page.counter("etcd_mvcc_txn_total", "Transactions applied.", store.txns());
    page.gauge(
        "etcd_debugging_mvcc_total_put_size_in_bytes",
        "Bytes of keys and values of all puts.",
        store.putBytes());
  }

  private static void compaction(Exposition page, Measures measures) {
    page.counter(
        "etcd_debugging_mvcc_db_compaction_keys_total",
        "Versions of keys removed after compactions.",
        measures.store().removedVersions());
    page.family(
            GAUGE,
            "etcd_debugging_mvcc_db_compaction_last",
            "Unix time at which all that was compacted had been removed; 0: not since the start.")
        .value(measures.tidiedMillis() / 1000.0);
    page.histogram(
        "etcd_debugging_mvcc_db_compaction_pause_duration_milliseconds",
        "Time of each piece of removal, beside which everything goes on.",
        measures.tidyPieceMillis());
    page.histogram(
        "etcd_debugging_mvcc_db_compaction_total_duration_milliseconds",
        "Time of all pieces until nothing was left to be removed.",
        measures.tidyMillis());
  }

  private static void leases(Exposition page, Measures measures) {
    var store = measures.store();
    page.counter("etcd_debugging_lease_granted_total", "Leases granted.", store.leasesGranted());
    page.counter("etcd_debugging_lease_revoked_total", "Leases ended.", store.leasesRevoked());
    page.counter(
        "etcd_debugging_lease_renewed_total",
        "Renewals that this member granted as leader.",
        measures.leasesRenewed());
    page.counter(
        "etcd_debugging_server_lease_expired_total",
        "Leases whose time was over, ended by this member as leader.",
        measures.leasesExpired());
    page.histogram("etcd_debugging_lease_ttl_total", "Seconds of leases granted.", store.ttls());
  }

  private void peers(Exposition page, Map<Long, PeerMeter> peers) {
    page.family(COUNTER, "etcd_network_peer_sent_bytes_total", "Bytes sent to members.");
    peers.forEach((id, meter) -> page.value(meter.sentBytes(), "To", hex(id)));
    page.family(COUNTER, "etcd_network_peer_received_bytes_total", "Bytes received from members.");
    peers.forEach((id, meter) -> page.value(meter.receivedBytes(), "From", hex(id)));
    page.family(
        COUNTER,
        "etcd_network_peer_sent_failures_total",
        "Streams to a member that broke or could not be made, and messages dropped.");
    peers.forEach((id, meter) -> page.value(meter.sentFailures(), "To", hex(id)));
    page.family(
        COUNTER,
        "etcd_network_peer_received_failures_total",
        "Streams from a member that broke or were ended.");
    peers.forEach((id, meter) -> page.value(meter.receivedFailures(), "From", hex(id)));
    page.family(
        HISTOGRAM,
        "etcd_network_peer_round_trip_time_seconds",
        "Time of a call to a member and back.");
    peers.forEach((id, meter) -> page.value(meter.roundTrips().snapshot(), "To", hex(id)));
    var self = hex(node.memberId());
    page.family(GAUGE, "etcd_network_active_peers", "1 while messages can be sent.");
    peers.forEach(
        (id, meter) -> page.value(meter.connected() ? 1 : 0, "Local", self, "Remote", hex(id)));
    page.family(GAUGE, "etcd_network_known_peers", "1 for each member.");
    node.cluster()
        .members()
        .forEach(member -> page.value(1, "Local", self, "Remote", hex(member.id())));
  }

  private void health(Exposition page) {
    page.counter("etcd_server_health_success", "Times /health was well.", health.healthy());
    page.counter("etcd_server_health_failures", "Times /health was not.", health.sick());
    var checks = health.checks();
    page.family(GAUGE, "etcd_server_healthcheck", "1 if the check held the last time.");
    checks.forEach(
        (key, outcomes) ->
            page.value(outcomes.held() ? 1 : 0, "type", key.type(), "name", key.name()));
    page.family(COUNTER, "etcd_server_healthchecks_total", "Checks by outcome.");
    checks.forEach(
        (key, outcomes) -> {
          var type = key.type();
          var name = key.name();
          page.value(outcomes.successes(), "type", type, "name", name, "status", "success");
          page.value(outcomes.errors(), "type", type, "name", name, "status", "error");
        });
  }

  private void versions(Exposition page) {
    page.family(GAUGE, "etcd_server_id", "1 for the member's ID.")
        .value(1, "server_id", hex(node.memberId()));
    page.family(GAUGE, "etcd_server_version", "1 for the etcd release whose API is served.")
        .value(1, "server_version", ApiLevel.SERVER);
    page.family(GAUGE, "etcd_cluster_version", "1 for the minor etcd release of the cluster.")
        .value(1, "cluster_version", ApiLevel.CLUSTER.replaceFirst("\\.\\d+$", ""));
    page.family(GAUGE, "kelvin_build_info", "1 for the version of Kelvin.")
        .value(1, "version", Version.KELVIN);
  }

  /** As etcd writes IDs. */
  private static String hex(long id) {
    return Long.toHexString(id);
  }
}
