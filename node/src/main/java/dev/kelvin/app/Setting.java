package dev.kelvin.app;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The options of {@code kelvin server}, each in three spellings: {@code --data-dir}, {@code
 * KELVIN_DATA_DIR}, {@code kelvin.data-dir}.
 */
enum Setting {
  NAME("name", "NAME", "kelvin", "The node's name, for people."),
  DATA_DIR("data-dir", "DIR", "data", "Where the log and the store live."),
  LISTEN_CLIENT(
      "listen-client", "HOST:PORT", "127.0.0.1:2379", "Address for clients (etcd's gRPC API)."),
  LISTEN_PEER(
      "listen-peer", "HOST:PORT", "127.0.0.1:2380", "Address for other nodes and cluster care."),
  LISTEN_HTTP(
      "listen-http", "HOST:PORT", "127.0.0.1:2381", "Address for health, metrics and REST."),
  LISTEN_CACHE(
      "listen-cache", "HOST:PORT", "", "Address for the binary cache protocol. Default: none."),
  LISTEN_JSON("listen-json", "HOST:PORT", "", "Address for JSON, an object a line. Default: none."),
  ADVERTISE_CLIENT(
      "advertise-client", "URL", "", "Where clients reach this node. Default: where it listens."),
  ADVERTISE_PEER(
      "advertise-peer", "URL", "", "Where other nodes reach this node. Default: where it listens."),
  BOOTSTRAP(
      "bootstrap", "BOOLEAN", "false", "Found a new cluster, of this node, if the disk is empty."),
  JOIN(
      "join",
      "HOST:PORT,...",
      "",
      "Join the cluster that one of these peer addresses belongs to, if the disk is empty."),
  FROM_SNAPSHOT(
      "from-snapshot",
      "FILE",
      "",
      "With --bootstrap: found the new cluster from this snapshot (etcdctl snapshot save)."),
  BUMP_REVISION(
      "bump-revision",
      "NUMBER",
      "0",
      "With --from-snapshot: go on so many revisions past it. Needs --mark-compacted."),
  MARK_COMPACTED(
      "mark-compacted",
      "BOOLEAN",
      "false",
      "With --bump-revision: all revisions up to the new one count as compacted."),
  HEARTBEAT_INTERVAL("heartbeat-interval", "DURATION", "100ms", "How often a leader is heard of."),
  ELECTION_TIMEOUT(
      "election-timeout",
      "DURATION",
      "1s",
      "Silence of the leader after which another is elected."),
  MAX_REQUEST_BYTES("max-request-bytes", "SIZE", "1.5MiB", "Largest request that changes data."),
  MAX_TXN_OPS("max-txn-ops", "NUMBER", "128", "Operations of a transaction at most."),
  WATCH_PROGRESS_NOTIFY_INTERVAL(
      "watch-progress-notify-interval",
      "DURATION",
      "10m",
      "How often watches without events say how far they are, if asked to."),
  AUTO_COMPACTION_MODE(
      "auto-compaction-mode",
      "MODE",
      "periodic",
      "What auto-compaction-retention counts: periodic (time) or revision."),
  AUTO_COMPACTION_RETENTION(
      "auto-compaction-retention",
      "DURATION|NUMBER",
      "0",
      "History kept by automatic compaction: 1h30m, hours, or revisions. 0: everything."),
  QUOTA_BACKEND_BYTES(
      "quota-backend-bytes",
      "SIZE",
      "0",
      "What the store may use before the alarm NOSPACE is raised. 0: the disk is the limit."),
  LOG_SEGMENT_SIZE("log-segment-size", "SIZE", "64MiB", "Size of one file of the Raft log."),
  LOG_RETENTION_SIZE(
      "log-retention-size",
      "SIZE",
      "256MiB",
      "Raft log kept for followers that fall behind, at most."),
  STORE_CACHE_SIZE("store-cache-size", "SIZE", "64MiB", "Memory for blocks read from the store."),
  STORE_MEMTABLE_SIZE(
      "store-memtable-size", "SIZE", "64MiB", "Memory for what the store has not flushed."),
  SNAPSHOT_RATE(
      "snapshot-rate",
      "SIZE",
      "100MiB",
      "Bytes a second of each snapshot sent to a member that fell behind the log."),
  DISK_RESERVE(
      "disk-reserve",
      "SIZE",
      "256MiB",
      "Disk space kept for deletes and compaction: with less, writes that add data are refused."),
  LOG_LEVEL("log-level", "LEVEL", "info", "error, warn, info, debug or trace."),
  LOG_JSON("log-json", "BOOLEAN", "false", "Log lines as JSON.");

  private final String key;
  private final String form;
  private final String standard;
  private final String help;

  Setting(String key, String form, String standard, String help) {
    this.key = key;
    this.form = form;
    this.standard = standard;
    this.help = help;
  }

  /** As on the command line, without dashes. */
  String key() {
    return key;
  }

  /** What a value looks like, in the help text. */
  String form() {
    return form;
  }

  /** Value when nothing is said; empty for none. */
  String standard() {
    return standard;
  }

  String help() {
    return help;
  }

  boolean flag() {
    return this == BOOTSTRAP || this == MARK_COMPACTED || this == LOG_JSON;
  }

  boolean list() {
    return this == JOIN;
  }

  String option() {
    return "--" + key;
  }

  String variable() {
    return "KELVIN_" + key.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  String property() {
    return "kelvin." + key;
  }

  static Optional<Setting> byKey(String key) {
    return Arrays.stream(values()).filter(s -> s.key.equals(key)).findFirst();
  }

  /** The setting whose key is most like the given one, if any is at all. */
  static Optional<Setting> like(String key) {
    Setting best = null;
    int distance = Integer.MAX_VALUE;
    for (var setting : values()) {
      int d = distance(key, setting.key);
      if (d < distance) {
        distance = d;
        best = setting;
      }
    }
    return distance <= Math.max(2, key.length() / 3) ? Optional.of(best) : Optional.empty();
  }

  /** Levenshtein's. */
  private static int distance(String a, String b) {
    var row = new int[b.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, Math.min(above, row[j - 1]) + 1);
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
