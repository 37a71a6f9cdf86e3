package dev.kelvin.sim;

import dev.kelvin.checker.Violation;
import dev.kelvin.raft.Entry;
import dev.kelvin.raft.EntryKind;
import dev.kelvin.raft.SnapshotMeta;
import dev.kelvin.store.ClusterState;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What must hold over all nodes and all their lives, watched while the run goes on. */
final class Invariants {
  private record Committed(long term, int kind, int data, String first) {}

  private final Map<Long, Long> leaders = new HashMap<>();
  private final Map<Long, Committed> log = new HashMap<>();
  private final NavigableMap<Long, byte[]> commands = new TreeMap<>();
  private final Map<Long, ClusterState> clusters = new HashMap<>();
  private final Tally tally;
  private long clusterIndex;

  Invariants(Tally tally) {
    this.tally = tally;
  }

  /** Election safety (Raft paper, figure 3): at most one leader in a term. */
  void leads(long term, long member, String seenBy) {
    var other = leaders.putIfAbsent(term, member);
    if (other == null) {
      tally.count(Happening.ELECTIONS);
    } else if (other != member) {
      throw new Violation(
          "election safety",
          seenBy + " sees " + member + " lead term " + term + ", which " + other + " led");
    }
  }

  /** Log matching and state machine safety: nobody applies another entry at an index. */
  void applied(Entry entry, String node) {
    var committed =
        new Committed(entry.term(), entry.kind().code(), Arrays.hashCode(entry.data()), node);
    var other = log.putIfAbsent(entry.index(), committed);
    if (other == null && entry.kind() == EntryKind.COMMAND) {
      commands.put(entry.index(), entry.data());
    }
    if (other != null
        && (other.term != committed.term
            || other.kind != committed.kind
            || other.data != committed.data)) {
      throw new Violation(
          "log matching",
          "entry %d is of term %d on %s, another of term %d on %s"
              .formatted(entry.index(), other.term, other.first, committed.term, node));
    }
  }

  void installed(SnapshotMeta snapshot, String node) {
    var other = log.get(snapshot.index());
    if (other == null || other.term != snapshot.term()) {
      throw new Violation(
          "log matching", node + " installed " + snapshot + ", but that entry is " + other);
    }
  }

  /** Equal members at equal entries; remembers the newest. */
  void cluster(long index, ClusterState cluster, String node) {
    var other = clusters.putIfAbsent(index, cluster);
    if (other != null && !other.equals(cluster)) {
      throw new Violation(
          "equal contents",
          "the cluster as of entry " + index + " is " + cluster + " on " + node + ", not " + other);
    }
    clusterIndex = Math.max(clusterIndex, index);
  }

  /** Data of all entries with commands, in the order of the log. */
  Collection<byte[]> commands() {
    return commands.values();
  }

  long clusterIndex() {
    return clusterIndex;
  }

  /** As of the newest membership entry that any node applied. */
  ClusterState newestCluster() {
    return clusters.getOrDefault(clusterIndex, ClusterState.EMPTY);
  }
}
