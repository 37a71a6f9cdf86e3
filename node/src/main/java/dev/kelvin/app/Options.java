package dev.kelvin.app;

import dev.kelvin.duty.AutoCompaction;
import dev.kelvin.store.Restoration;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How this node is to run; checked, complete, immutable.
 *
 * @param dataDir absolute
 * @param listenCache for the binary cache protocol; empty: not at all, as the next
 * @param listenJson for JSON, one object a line
 * @param advertiseClient where clients reach this node, as http://host:port
 * @param advertisePeer where nodes reach this node, as http://host:port
 * @param bootstrap found a cluster if the disk is empty; never together with {@code join}
 * @param join peer addresses of a cluster to join if the disk is empty
 * @param electionTimeout at least five heartbeats, whole ticks
 * @param logSegmentSize in bytes, as all sizes
 * @param snapshotRate bytes a second of each snapshot sent
 * @param restoration snapshot file to found the cluster from; only with {@code bootstrap}
 */
public record Options(
    String name,
    Path dataDir,
    Address listenClient,
    Address listenPeer,
    Address listenHttp,
    Optional<Address> listenCache,
    Optional<Address> listenJson,
    String advertiseClient,
    String advertisePeer,
    boolean bootstrap,
    List<Address> join,
    Duration heartbeatInterval,
    Duration electionTimeout,
    int maxRequestBytes,
    int maxTxnOps,
    Duration watchProgressInterval,
    AutoCompaction autoCompaction,
    long quotaBackendBytes,
    long logSegmentSize,
    long logRetentionSize,
    long storeCacheSize,
    long storeMemtableSize,
    long snapshotRate,
    long diskReserve,
    String logLevel,
    boolean logJson,
    Optional<Restoration> restoration) {
  /** Raft's unit of time. */
  public static final Duration TICK = Duration.ofMillis(10);

  public Options {
    join = List.copyOf(join);
  }

  /** Where clients reach JSON over TCP: on the host where they reach this node. */
  Optional<Address> advertiseJson() {
    var host = Address.parse(advertiseClient.replaceFirst("^http://", "")).host();
    return listenJson.map(listen -> new Address(host, listen.port()));
  }

  public int heartbeatTicks() {
    return (int) heartbeatInterval.dividedBy(TICK);
  }

  public int electionTicks() {
    return (int) electionTimeout.dividedBy(TICK);
  }

  /** One line for people, with everything that decides how the node behaves. */
  public String describe() {
    return "name="
        + name
        + " data-dir="
        + dataDir
        + " listen-client="
        + listenClient
        + " listen-peer="
        + listenPeer
        + " listen-http="
        + listenHttp
        + listenCache.map(address -> " listen-cache=" + address).orElse("")
        + listenJson.map(address -> " listen-json=" + address).orElse("")
        + " advertise-client="
        + advertiseClient
        + " advertise-peer="
        + advertisePeer
        + (bootstrap ? " bootstrap" : "")
        + restoration
            .map(
                from ->
                    " from-snapshot="
                        + from.file()
                        + (from.markCompacted()
                            ? " bump-revision=" + from.bump() + " mark-compacted"
                            : ""))
            .orElse("")
        + (join.isEmpty() ? "" : " join=" + join)
        + " heartbeat-interval="
        + heartbeatInterval.toMillis()
        + "ms election-timeout="
        + electionTimeout.toMillis()
        + "ms max-request-bytes="
        + maxRequestBytes
        + " max-txn-ops="
        + maxTxnOps
        + " watch-progress-notify-interval="
        + watchProgressInterval.toMillis()
        + "ms auto-compaction="
        + autoCompaction
        + " quota-backend-bytes="
        + quotaBackendBytes
        + " log-segment-size="
        + logSegmentSize
        + " log-retention-size="
        + logRetentionSize
        + " store-cache-size="
        + storeCacheSize
        + " store-memtable-size="
        + storeMemtableSize
        + " snapshot-rate="
        + snapshotRate
        + " disk-reserve="
        + diskReserve;
  }
}
