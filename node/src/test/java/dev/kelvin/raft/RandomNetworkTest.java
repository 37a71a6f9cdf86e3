package dev.kelvin.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The core alone in a hostile world: messages lost, delayed, reordered and duplicated, partitions,
 * crashes that lose what was not synced, slow disks and state machines, changes of membership,
 * transfers, compaction. Asserted all the time: election safety, log matching of what is applied,
 * linearizable read indexes; at the end, in a healed network: everybody agrees and makes progress.
 * {@code -Draft.seeds=N} tries N fresh seeds.
 */
class RandomNetworkTest {
  private static final int STEPS = 40_000;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void isSafeAndRecovers(long seed) {
    new World(seed).run();
  }

  @Test
  void isSafeAndRecoversWithFreshSeeds() {
    long first = System.nanoTime();
    int count = Integer.getInteger("raft.seeds", 24);
    System.out.println("RandomNetworkTest: " + count + " seeds from " + first);
    for (long seed = first; seed < first + count; seed++) {
      try {
        new World(seed).run();
      } catch (RuntimeException | AssertionError failure) {
        throw new AssertionError("seed " + seed, failure);
      }
    }
  }

  private static final class World {
    final long seed;
    final Random random;
    final Net net = new Net();
    final Map<Long, Long> leaders = new HashMap<>();

    /** What was applied at each index, by whomever first. */
    final List<Entry> history = new ArrayList<>();

    final Map<Long, Map<Long, Long>> readFloors = new HashMap<>();
    final Set<Long> down = new HashSet<>();
    long nextContext = 1;
    long nextCommand = 1;
    int reads;
    int elections;

    World(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      int size = 1 + random.nextInt(5);
      var voters = new ArrayList<Long>();
      for (long id = 1; id <= size; id++) {
        voters.add(id);
      }
      for (long id = 1; id <= size + 2; id++) {
        TestNode node = net.add(config(id), Membership.EMPTY);
        if (id <= size) {
          node.found(voters);
        }
      }
      history.add(net.node(1).disk.entries(1, 2, 1).getFirst());
    }

    RaftConfig config(long id) {
      return new RaftConfig(id, 10, 1, 200, 4, 600, 2_000, 300);
    }

    void run() {
      for (int step = 0; step < STEPS; step++) {
        act();
        for (TestNode node : net.nodes.values()) {
          observe(node);
        }
      }
      recover();
    }

    void act() {
      var node = anyNode();
      if (down.contains(node.id)) {
        if (random.nextInt(20) == 0) {
          down.remove(node.id);
        }
        return;
      }
      int dice = random.nextInt(1000);
      if (dice < 200) {
        node.raft.tick();
      } else if (dice < 400) {
        net.wire.addAll(node.take());
      } else if (dice < 550) {
        if (!node.writes.isEmpty()) {
          net.wire.addAll(node.write());
        }
      } else if (dice < 620) {
        if (!node.applying.isEmpty()) {
          applyOne(node);
        }
      } else if (dice < 900) {
        deliverOne();
      } else if (dice < 930) {
        net.propose(node.id, "c" + nextCommand++);
      } else if (dice < 945) {
        read(node);
      } else if (dice < 955) {
        node.raft.transferLeadership(1 + random.nextInt(net.nodes.size()));
      } else if (dice < 962) {
        changeMembership(node);
      } else if (dice < 965) {
        crash(node);
      } else if (dice < 970) {
        partition();
      } else if (dice < 975) {
        if (node.applied > 3) {
          node.disk.compact(Math.max(node.disk.firstIndex() - 1, node.applied - random.nextInt(3)));
        }
      } else if (dice < 980) {
        node.raft.leaderConnectionLost(node.raft.leader());
      } else if (dice < 985) {
        node.raft.peerUnreachable(1 + random.nextInt(net.nodes.size()));
      } else {
        snapshots(node, random.nextInt(5) != 0);
      }
    }

    TestNode anyNode() {
      return net.node(1 + random.nextInt(net.nodes.size()));
    }

    void deliverOne() {
      for (int i = 0; i < 3 && !net.wire.isEmpty(); i++) {
        int at = random.nextInt(3) == 0 ? random.nextInt(net.wire.size()) : 0;
        Message message = net.wire.remove(at);
        if (random.nextInt(30) == 0) {
          net.wire.add(message);
        }
        if (random.nextInt(30) != 0 && !down.contains(message.to())) {
          net.deliver(message);
        }
      }
    }

    void applyOne(TestNode node) {
      Entry entry = node.applying.peek();
      node.apply();
      remember(entry);
    }

    void remember(Entry entry) {
      int at = (int) entry.index() - 1;
      if (at == history.size()) {
        history.add(entry);
        return;
      }
      assertTrue(at < history.size(), "applied out of order");
      Entry known = history.get(at);
      if (known.term() != entry.term()
          || known.kind() != entry.kind()
          || !Arrays.equals(known.data(), entry.data())) {
        fail("seed " + seed + ": two entries at " + entry.index());
      }
    }

    void read(TestNode node) {
      long floor = history.size();
      for (TestNode other : net.nodes.values()) {
        // Whoever knows of a commit may have answered a client.
        floor = Math.max(floor, other.raft.status().commit());
      }
      readFloors.computeIfAbsent(node.id, id -> new HashMap<>()).put(nextContext, floor);
      node.raft.readIndex(nextContext++);
    }

    void changeMembership(TestNode node) {
      Membership members = node.membership;
      long member = 1 + random.nextInt(net.nodes.size());
      String change =
          members.learners().contains(member)
              ? "voter " + member
              : members.voters().contains(member) ? "remove " + member : "learner " + member;
      if (change.startsWith("remove") && members.voters().size() < 3) {
        return;
      }
      node.raft.proposeMembership(change.getBytes(StandardCharsets.UTF_8));
    }

    void crash(TestNode node) {
      node.start(new Random(random.nextLong()));
      readFloors.remove(node.id);
      if (random.nextBoolean()) {
        down.add(node.id);
      }
    }

    void partition() {
      if (random.nextBoolean()) {
        net.heal();
        return;
      }
      int side = random.nextInt(1 << net.nodes.size());
      boolean oneWay = random.nextBoolean();
      net.drop =
          message -> {
            int from = side >> (message.from() - 1) & 1;
            int to = side >> (message.to() - 1) & 1;
            return oneWay ? from < to : from != to;
          };
    }

    void snapshots(TestNode node, boolean arrives) {
      if (node.install != null) {
        List<String> contents = net.snapshots.get(node.install.index());
        if (random.nextInt(4) == 0) {
          node.install = null;
          node.raft.snapshotFailed();
        } else {
          node.install(contents);
        }
      }
      for (TestNode.SnapshotDue due : node.snapshotsTo) {
        long to = due.to();
        SnapshotMeta meta = node.snapshot();
        net.snapshots.put(meta.index(), List.copyOf(node.commands));
        if (arrives && !down.contains(to)) {
          net.deliver(new Message.InstallSnapshot(node.id, to, due.term(), meta));
        }
        node.raft.snapshotSent(to, meta.index(), arrives);
      }
      node.snapshotsTo.clear();
    }

    void observe(TestNode node) {
      if (node.raft.isLeader()) {
        Long other = leaders.put(node.raft.term(), node.id);
        if (other == null) {
          elections++;
        } else {
          assertEquals(node.id, other, "two leaders in term " + node.raft.term());
        }
      }
      for (Effects.ReadState read : node.reads) {
        Long floor = readFloors.getOrDefault(node.id, Map.of()).get(read.context());
        assertTrue(floor != null, "an answer to no question, or a second one");
        readFloors.get(node.id).remove(read.context());
        if (read.index() >= 0) {
          reads++;
          assertTrue(read.index() >= floor, "stale read: " + read.index() + " < " + floor);
        }
      }
      node.reads.clear();
    }

    void recover() {
      net.heal();
      down.clear();
      for (int i = 0; i < 200; i++) {
        for (TestNode node : net.nodes.values()) {
          node.raft.tick();
        }
        settle();
      }
      TestNode leader = null;
      for (TestNode node : net.nodes.values()) {
        if (node.raft.isLeader()) {
          assertTrue(leader == null || leader.raft.term() != node.raft.term());
          leader = leader == null || node.raft.term() > leader.raft.term() ? node : leader;
        }
      }
      assertTrue(leader != null, "seed " + seed + ": nobody leads a healed group");
      assertEquals(Raft.Accepted.YES, net.propose(leader.id, "last"), "seed " + seed);
      settle();
      for (int i = 0; i < 3; i++) {
        leader.raft.tick();
        settle();
      }
      assertEquals("last", leader.commands.getLast());
      for (TestNode node : net.nodes.values()) {
        if (leader.membership.contains(node.id)) {
          assertEquals(leader.commands, node.commands, "seed " + seed + " node " + node.id);
          assertEquals(leader.membership, node.membership);
        }
      }
      for (var open : readFloors.values()) {
        assertTrue(open.isEmpty(), "seed " + seed + ": reads without an end: " + open);
      }
      assertTrue(elections > 0);
    }

    /** Carries out everything that is due, checking all that is applied. */
    void settle() {
      boolean busy = true;
      while (busy) {
        busy = false;
        for (TestNode node : net.nodes.values()) {
          List<Message> messages = node.take();
          busy |= net.wire.addAll(messages);
          while (!node.writes.isEmpty()) {
            net.wire.addAll(node.write());
            busy = true;
          }
          while (!node.applying.isEmpty()) {
            applyOne(node);
            busy = true;
          }
          busy |= node.install != null || !node.snapshotsTo.isEmpty();
          snapshots(node, true);
          observe(node);
        }
        var due = new ArrayList<>(net.wire);
        net.wire.clear();
        for (Message message : due) {
          net.deliver(message);
          busy = true;
        }
      }
    }
  }
}
