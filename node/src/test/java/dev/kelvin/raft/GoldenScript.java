package dev.kelvin.raft;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Runs the commands of a golden script (docs/raft.md names them) and tells what happened. T is 10
 * ticks, a heartbeat 1, and timeouts are always the shortest possible.
 */
final class GoldenScript {
  private final Map<Long, TestNode> nodes = new TreeMap<>();
  private final List<Message> wire = new ArrayList<>();
  private final Map<Long, List<String>> snapshots = new HashMap<>();
  private final List<String> output = new ArrayList<>();
  private final Map<String, String> options = new HashMap<>();

  /** Runs one command and returns what it said. */
  String run(String command) {
    output.clear();
    options.clear();
    var words = new ArrayList<String>();
    for (String word : command.trim().split("\\s+")) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        options.put(word.substring(0, equals), word.substring(equals + 1));
      } else {
        words.add(word);
      }
    }
    try {
      execute(words);
    } catch (IllegalStateException violated) {
      say("VIOLATED: " + violated.getMessage());
    }
    return String.join("\n", output);
  }

  private void execute(List<String> words) {
    switch (words.getFirst()) {
      case "add-nodes" -> addNodes(number(words, 1));
      case "add-node" -> addNode(number(words, 1), Membership.EMPTY);
      case "campaign" -> node(words).raft.campaign();
      case "elect" -> elect(words);
      case "tick" -> tick(node(words), words.size() > 2 ? number(words, 2) : 1);
      case "tick-heartbeat" -> tick(node(words), node(words).config.heartbeatTicks());
      case "tick-election" -> tick(node(words), node(words).config.electionTicks());
      case "propose" -> {
        var commands = new ArrayList<byte[]>();
        for (String text : words.subList(2, words.size())) {
          commands.add(text.getBytes(StandardCharsets.UTF_8));
        }
        answer(node(words).raft.propose(commands));
      }
      case "change" -> {
        String text = String.join(" ", words.subList(2, words.size()));
        answer(node(words).raft.proposeMembership(text.getBytes(StandardCharsets.UTF_8)));
      }
      case "read" -> node(words).raft.readIndex(number(words, 2));
      case "transfer" -> {
        if (!node(words).raft.transferLeadership(number(words, 2))) {
          say("refused");
        }
      }
      case "connection-lost" -> node(words).raft.leaderConnectionLost(number(words, 2));
      case "unreachable" -> node(words).raft.peerUnreachable(number(words, 2));
      case "effects" -> take(node(words));
      case "write" -> write(node(words));
      case "apply" -> apply(node(words));
      case "deliver-msgs" -> deliver(numbers(words));
      case "stabilize" -> stabilize(numbers(words));
      case "send-snapshot" -> sendSnapshot(node(words));
      case "install" -> install(node(words));
      case "compact" -> node(words).disk.compact(number(words, 2));
      case "crash" -> crash(node(words));
      case "log" -> log(node(words));
      case "status" -> status(numbers(words));
      default -> throw new IllegalArgumentException("unknown command " + words);
    }
  }

  private void say(String text) {
    output.add(text);
  }

  private void answer(Raft.Accepted accepted) {
    if (accepted != Raft.Accepted.YES) {
      say(accepted.name());
    }
  }

  private static int number(List<String> words, int at) {
    return Integer.parseInt(words.get(at));
  }

  private static Set<Long> numbers(List<String> words) {
    var found = new TreeSet<Long>();
    for (String word : words.subList(1, words.size())) {
      found.add(Long.parseLong(word));
    }
    return found;
  }

  private TestNode node(List<String> words) {
    TestNode node = nodes.get((long) number(words, 1));
    if (node == null) {
      throw new IllegalArgumentException("no such node: " + words);
    }
    return node;
  }

  private void addNodes(int count) {
    var voters = new TreeSet<Long>();
    var learners = new TreeSet<Long>();
    int voting = count - option("learners", 0);
    for (long id = 1; id <= count; id++) {
      (id <= voting ? voters : learners).add(id);
    }
    for (long id = 1; id <= count; id++) {
      addNode(id, Membership.of(voters, learners));
      if (options.containsKey("founded")) {
        nodes.get(id).found(voters);
      }
    }
  }

  /** Makes the first one leader with the help of the others named, without words. */
  private void elect(List<String> words) {
    node(words).raft.campaign();
    stabilize(words.size() > 2 ? numbers(words) : Set.of());
    if (!node(words).raft.isLeader()) {
      throw new IllegalArgumentException("not elected: " + words);
    }
    output.clear();
  }

  private int option(String name, int otherwise) {
    return Integer.parseInt(options.getOrDefault(name, String.valueOf(otherwise)));
  }

  private void addNode(long id, Membership membership) {
    var config =
        new RaftConfig(
            id,
            10,
            1,
            option("message-bytes", 1 << 20),
            option("inflight", 256),
            option("inflight-bytes", 1 << 20),
            option("uncommitted-bytes", 1 << 20),
            option("applying-bytes", 1 << 20));
    nodes.put(id, new TestNode(config, membership, () -> 0));
  }

  private void tick(TestNode node, int count) {
    for (int i = 0; i < count; i++) {
      node.raft.tick();
    }
  }

  private boolean take(TestNode node) {
    int writes = node.writes.size();
    int applying = node.applying.size();
    int reads = node.reads.size();
    int asked = node.snapshotsTo.size();
    boolean installing = node.install != null;
    List<Message> sent = node.take();
    for (Message message : sent) {
      say(node.id + " sends    " + Describe.message(message));
    }
    wire.addAll(sent);
    if (node.writes.size() > writes) {
      describeWrite(node);
    }
    if (node.applying.size() > applying) {
      var handedOut = new ArrayList<>(node.applying);
      say(node.id + " commits  " + Describe.entries(handedOut.subList(applying, handedOut.size())));
    }
    for (Effects.ReadState read : node.reads.subList(reads, node.reads.size())) {
      say(node.id + " reads    context=" + read.context() + " index=" + read.index());
    }
    for (var due : node.snapshotsTo.subList(asked, node.snapshotsTo.size())) {
      say(node.id + " snapshot for " + due.to());
    }
    boolean installs = !installing && node.install != null;
    if (installs) {
      say(node.id + " installs " + Describe.snapshot(node.install));
    }
    return !sent.isEmpty()
        || node.writes.size() > writes
        || node.applying.size() > applying
        || node.reads.size() > reads
        || node.snapshotsTo.size() > asked
        || installs;
  }

  private void describeWrite(TestNode node) {
    Effects.Persist persist = node.writes.getLast();
    var text = new StringBuilder(node.id + " writes  ");
    if (persist.hardState() == null && persist.entries().isEmpty()) {
      text.append(" nothing");
    }
    if (persist.hardState() != null) {
      text.append(' ').append(Describe.hardState(persist.hardState()));
    }
    if (!persist.entries().isEmpty()) {
      text.append(' ').append(Describe.entries(persist.entries()));
    }
    say(text.toString());
    for (Message message : persist.after()) {
      say(node.id + "   then   " + Describe.message(message));
    }
  }

  private void write(TestNode node) {
    if (node.writes.isEmpty()) {
      say(node.id + " has nothing to write");
      return;
    }
    say(node.id + " has written");
    wire.addAll(node.write());
  }

  private void apply(TestNode node) {
    while (!node.applying.isEmpty()) {
      Entry entry = node.applying.peek();
      node.apply();
      String now =
          entry.kind() == EntryKind.MEMBERSHIP ? " -> " + Describe.members(node.membership) : "";
      say(node.id + " applies  " + Describe.entry(entry) + now);
    }
  }

  private boolean deliver(Set<Long> to) {
    var lost = new HashSet<Long>();
    if (options.containsKey("drop")) {
      for (String id : options.get("drop").split(",")) {
        lost.add(Long.parseLong(id));
      }
    }
    var due = new ArrayList<Message>();
    wire.removeIf(
        message -> {
          boolean mine = to.isEmpty() || to.contains(message.to()) || lost.contains(message.to());
          return mine && due.add(message);
        });
    for (Message message : due) {
      if (lost.contains(message.to()) || !nodes.containsKey(message.to())) {
        say("lost       " + Describe.message(message));
      } else {
        say(message.to() + " receives " + Describe.message(message));
        nodes.get(message.to()).raft.step(message);
      }
    }
    return !due.isEmpty();
  }

  /** Carries out everything among these nodes (all if none is named) until nothing is left. */
  private void stabilize(Set<Long> ids) {
    Set<Long> all = ids.isEmpty() ? nodes.keySet() : ids;
    boolean busy = true;
    for (int rounds = 0; busy; rounds++) {
      if (rounds > 1000) {
        throw new IllegalStateException("does not stabilize");
      }
      busy = false;
      for (long id : all) {
        TestNode node = nodes.get(id);
        busy |= take(node);
        while (!node.writes.isEmpty()) {
          write(node);
          busy = true;
        }
        busy |= !node.applying.isEmpty();
        apply(node);
      }
      busy |= deliver(new TreeSet<>(all));
    }
  }

  private void sendSnapshot(TestNode node) {
    for (var due : node.snapshotsTo) {
      SnapshotMeta meta = node.snapshot();
      snapshots.put(meta.index(), List.copyOf(node.commands));
      var message = new Message.InstallSnapshot(node.id, due.to(), due.term(), meta);
      say(node.id + " sends    " + Describe.message(message));
      boolean arrives = !"fail".equals(options.get("result"));
      if (arrives) {
        nodes.get(due.to()).raft.step(message);
      }
      node.raft.snapshotSent(due.to(), meta.index(), arrives);
    }
    node.snapshotsTo.clear();
  }

  private void install(TestNode node) {
    if ("fail".equals(options.get("result"))) {
      node.install = null;
      node.raft.snapshotFailed();
    } else {
      node.install(snapshots.get(node.install.index()));
    }
  }

  /** Loses what was not written and what was on the wire to it, and starts again. */
  private void crash(TestNode node) {
    wire.removeIf(message -> message.to() == node.id);
    node.start(() -> 0);
  }

  private void log(TestNode node) {
    long first = node.disk.firstIndex();
    say(Describe.hardState(node.disk.hardState));
    for (Entry entry : node.disk.entries(first, node.disk.lastIndex() + 1, Long.MAX_VALUE)) {
      say(Describe.entry(entry));
    }
  }

  private void status(Set<Long> ids) {
    for (TestNode node : nodes.values()) {
      if (ids.isEmpty() || ids.contains(node.id)) {
        say(Describe.status(node.raft.status()));
      }
    }
  }
}
