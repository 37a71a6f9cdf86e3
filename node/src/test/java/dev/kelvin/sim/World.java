package dev.kelvin.sim;

import dev.kelvin.checker.Violation;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Everything that one run consists of. */
final class World {
  /** Small, so that members that were away for a while need a snapshot. */
  private static final long MAX_LOG_BYTES = 24 << 10;

  private static final long KEPT_ENTRIES = 30;
  private static final int PLACES = 7;

  private final Seeds seeds;
  private final Sabotage sabotage;
  private final Scheduler scheduler = new Scheduler();
  private final Tally tally = new Tally();
  private final Invariants invariants = new Invariants(tally);
  private final Trace trace;
  private final Network network;
  private final RandomGenerator snapshotTiming;
  private final Stores stores = new Stores();
  private Leasing leasing;
  private Watching watching;
  private Consumer<SimNode> whenElected;
  private Runnable whenMembersChange;
  private BiConsumer<SimNode, RuntimeException> whenRefused;
  private final List<SimNode> nodes = new ArrayList<>();

  /**
   * @param lines receives every line of the trace; null to keep only the last ones
   */
  World(long seed, Sabotage sabotage, List<String> lines) {
    this.seeds = new Seeds(seed);
    this.sabotage = sabotage;
    this.trace = new Trace(scheduler, lines);
    this.network = new Network(scheduler, seeds.of("network"), tally, PLACES);
    this.snapshotTiming = seeds.of("snapshots");
    for (int place = 0; place < PLACES; place++) {
      nodes.add(new SimNode(this, place));
    }
  }

  Seeds seeds() {
    return seeds;
  }

  Sabotage sabotage() {
    return sabotage;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  Tally tally() {
    return tally;
  }

  Invariants invariants() {
    return invariants;
  }

  Trace trace() {
    return trace;
  }

  Network network() {
    return network;
  }

  /** Who holds leases; null where there are none. */
  Leasing leasing() {
    return leasing;
  }

  /** Before any node starts. */
  void leasing(Leasing clients) {
    leasing = clients;
  }

  /** Who watches; null where nobody does. */
  Watching watching() {
    return watching;
  }

  /** Before any node starts. */
  void watching(Watching clients) {
    watching = clients;
  }

  Stores stores() {
    return stores;
  }

  RandomGenerator snapshotTiming() {
    return snapshotTiming;
  }

  long maxLogBytes() {
    return MAX_LOG_BYTES;
  }

  long keptEntries() {
    return KEPT_ENTRIES;
  }

  List<SimNode> nodes() {
    return nodes;
  }

  /** Machines with data on them, whether the process runs or not. */
  List<SimNode> machines() {
    return nodes.stream().filter(node -> node.member() != 0).toList();
  }

  /** The machine with that member's data; null when there is none. */
  SimNode machineOf(long member) {
    for (var node : nodes) {
      if (member != 0 && node.member() == member) {
        return node;
      }
    }
    return null;
  }

  ClusterState cluster() {
    return invariants.newestCluster();
  }

  /** The machines of the voters as of the newest members; null for one that is gone. */
  List<SimNode> voters() {
    var voters = new ArrayList<SimNode>();
    cluster().membership().voters().forEach(voter -> voters.add(machineOf(voter)));
    return voters;
  }

  /** Index of the newest membership entry applied anywhere. */
  long clusterIndex() {
    return invariants.clusterIndex();
  }

  /** The node that leads in the highest term as far as the nodes know; null when none does. */
  SimNode leader() {
    SimNode leader = null;
    for (var node : nodes) {
      if (node.serving()
          && node.status().leader() == node.member()
          && (leader == null || node.status().term() > leader.status().term())) {
        leader = node;
      }
    }
    return leader;
  }

  Member member(long id, String name, boolean learner) {
    return new Member(
        id, name, List.of("http://" + name + "-" + id + ":2380"), List.of(), learner, 0, 1);
  }

  /** What is to happen when a node finds itself leader; null for nothing. */
  void whenElected(Consumer<SimNode> then) {
    whenElected = then;
  }

  void elected(SimNode node) {
    if (whenElected != null) {
      whenElected.accept(node);
    }
  }

  /** What is to happen, once, when a node first applies a change of members. */
  void whenMembersChange(Runnable then) {
    whenMembersChange = then;
  }

  void membersChanged() {
    var then = whenMembersChange;
    if (then != null) {
      whenMembersChange = null;
      then.run();
    }
  }

  /** A process died: its peers see their connections reset. */
  void died(SimNode node, long member) {
    for (var other : nodes) {
      if (other != node) {
        network.send(node.place(), other.place(), false, () -> other.unreachable(member));
      }
    }
  }

  /** The node applied its own removal: its process ends. */
  void removed(SimNode node) {
    scheduler.after(1, () -> node.kill("it was removed"));
  }

  /** Who is to hear of nodes that stop because they met what they do not know. */
  void whenRefused(BiConsumer<SimNode, RuntimeException> then) {
    whenRefused = then;
  }

  void refusedToGoOn(SimNode node, RuntimeException why) {
    if (whenRefused == null) {
      throw new Violation("assertion", node.name() + " met what it does not know: " + why);
    }
    whenRefused.accept(node, why);
  }

  /** Frees what the run holds outside the heap. */
  void close() {
    nodes.forEach(SimNode::close);
    stores.close();
  }
}
