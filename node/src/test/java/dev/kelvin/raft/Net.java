package dev.kelvin.raft;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/** A group of {@link TestNode}s joined by a network that a test directs. Everything is in order. */
final class Net {
  /** Small numbers: T is 10 ticks, a heartbeat 1. */
  static RaftConfig config(long member) {
    return new RaftConfig(member, 10, 1, 1 << 20, 256, 16 << 20, 1 << 20, 1 << 20);
  }

  final Map<Long, TestNode> nodes = new TreeMap<>();
  final List<Message> wire = new ArrayList<>();

  /** Contents of a snapshot by its index, as its files would carry them. */
  final Map<Long, List<String>> snapshots = new HashMap<>();

  /** Messages that get lost. */
  Predicate<Message> drop = message -> false;

  static Net of(int voters) {
    var ids = new TreeSet<Long>();
    for (long id = 1; id <= voters; id++) {
      ids.add(id);
    }
    var net = new Net();
    for (long id : ids) {
      net.add(id, Membership.of(ids, List.of()));
    }
    return net;
  }

  /** A group whose first member leads. */
  static Net ledBy1(int voters) {
    Net net = of(voters);
    net.elect(1);
    return net;
  }

  /**
   * A group whose membership stands in its log, so that others can join; its first member leads.
   */
  static Net founded(int voters) {
    Net net = of(voters);
    for (TestNode node : net.nodes.values()) {
      node.found(net.nodes.keySet());
    }
    net.elect(1);
    return net;
  }

  TestNode add(long id, Membership membership) {
    return add(config(id), membership);
  }

  TestNode add(RaftConfig config, Membership membership) {
    var node = new TestNode(config, membership, new Random(config.member()));
    nodes.put(config.member(), node);
    return node;
  }

  TestNode node(long id) {
    return nodes.get(id);
  }

  Raft raft(long id) {
    return nodes.get(id).raft;
  }

  RaftStatus.Peer peer(long leader, long member) {
    for (RaftStatus.Peer peer : raft(leader).status().peers()) {
      if (peer.member() == member) {
        return peer;
      }
    }
    throw new IllegalArgumentException("no peer " + member);
  }

  void elect(long id) {
    raft(id).campaign();
    settle();
    if (!raft(id).isLeader()) {
      throw new IllegalStateException(id + " was not elected");
    }
  }

  Raft.Accepted propose(long id, String... commands) {
    var bytes = new ArrayList<byte[]>();
    for (String command : commands) {
      bytes.add(command.getBytes(StandardCharsets.UTF_8));
    }
    return raft(id).propose(bytes);
  }

  Raft.Accepted change(long id, String change) {
    return raft(id).proposeMembership(change.getBytes(StandardCharsets.UTF_8));
  }

  void isolate(long... ids) {
    var cut = new TreeSet<Long>();
    for (long id : ids) {
      cut.add(id);
    }
    drop = message -> cut.contains(message.from()) != cut.contains(message.to());
  }

  void heal() {
    drop = message -> false;
  }

  void tick(long id, int count) {
    for (int i = 0; i < count; i++) {
      raft(id).tick();
    }
  }

  /** Lets everybody's time pass and everything be carried out. */
  void pass(int ticks) {
    for (int i = 0; i < ticks; i++) {
      for (TestNode node : nodes.values()) {
        node.raft.tick();
      }
      settle();
    }
  }

  /** Collects what one node wants to send now. */
  List<Message> collect(long id) {
    List<Message> sent = new ArrayList<>(node(id).take());
    wire.addAll(sent);
    return sent;
  }

  /** Carries out everything, writes, applies, messages and snapshots, until nothing is left. */
  void settle() {
    boolean busy = true;
    for (int round = 0; busy; round++) {
      if (round > 10_000) {
        throw new IllegalStateException("does not settle: " + wire);
      }
      busy = false;
      for (TestNode node : nodes.values()) {
        busy |= work(node);
      }
      var due = new ArrayList<>(wire);
      wire.clear();
      for (Message message : due) {
        busy = true;
        deliver(message);
      }
    }
  }

  boolean work(TestNode node) {
    boolean busy = false;
    while (true) {
      List<Message> messages = node.take();
      wire.addAll(messages);
      boolean idle = messages.isEmpty();
      while (!node.writes.isEmpty()) {
        wire.addAll(node.write());
        idle = false;
      }
      while (!node.applying.isEmpty()) {
        node.apply();
        idle = false;
      }
      for (TestNode.SnapshotDue due : List.copyOf(node.snapshotsTo)) {
        sendSnapshot(node, due);
        idle = false;
      }
      node.snapshotsTo.clear();
      if (node.install != null) {
        node.install(snapshots.get(node.install.index()));
        idle = false;
      }
      if (idle) {
        return busy;
      }
      busy = true;
    }
  }

  private void sendSnapshot(TestNode node, TestNode.SnapshotDue due) {
    long to = due.to();
    SnapshotMeta meta = node.snapshot();
    snapshots.put(meta.index(), List.copyOf(node.commands));
    var message = new Message.InstallSnapshot(node.id, to, due.term(), meta);
    boolean arrives = nodes.containsKey(to) && !drop.test(message);
    if (arrives) {
      deliver(message);
    }
    node.raft.snapshotSent(to, meta.index(), arrives);
  }

  void deliver(Message message) {
    TestNode target = nodes.get(message.to());
    if (target != null && !drop.test(message)) {
      target.raft.step(message);
    }
  }
}
