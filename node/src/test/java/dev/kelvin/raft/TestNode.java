package dev.kelvin.raft;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * One replica for tests: a core, a disk and a state machine that keeps the commands it applied. A
 * MEMBERSHIP entry reads {@code voter 4}, {@code learner 4} or {@code remove 4}, several separated
 * by {@code ;}. Each step (write, apply) can be taken by itself.
 */
final class TestNode {
  private RandomGenerator random;
  final RaftConfig config;
  final long id;
  MemoryLog disk = new MemoryLog();
  Raft raft;

  /** Applied commands. */
  final List<String> commands = new ArrayList<>();

  Membership membership;
  long applied;
  long appliedTerm;
  final List<Effects.ReadState> reads = new ArrayList<>();

  /** Snapshots asked for, with the term they were asked for in. */
  final List<SnapshotDue> snapshotsTo = new ArrayList<>();

  record SnapshotDue(long to, long term) {}

  final ArrayDeque<Effects.Persist> writes = new ArrayDeque<>();
  final ArrayDeque<Entry> applying = new ArrayDeque<>();
  SnapshotMeta install;

  TestNode(RaftConfig config, Membership membership, RandomGenerator random) {
    this.config = config;
    this.id = config.member();
    this.membership = membership;
    start(random);
  }

  /** Starts, or starts again after a crash, from the disk and the state machine. */
  void start(RandomGenerator random) {
    this.random = random;
    writes.clear();
    applying.clear();
    reads.clear();
    snapshotsTo.clear();
    install = null;
    raft = new Raft(config, disk, disk.hardState, membership, applied, random);
  }

  /** Begins the log with the founding of a group of these voters, and applies it. */
  void found(Collection<Long> voters) {
    String founding =
        voters.stream().map(voter -> "voter " + voter).collect(Collectors.joining(";"));
    var entry = new Entry(1, 1, EntryKind.MEMBERSHIP, founding.getBytes(StandardCharsets.UTF_8));
    disk.write(new Effects.Persist(new HardState(1, 0, 1), List.of(entry), List.of()));
    membership = Membership.EMPTY;
    start(random);
    take();
    apply();
  }

  /** Takes the effects; returns the messages to be sent now. */
  List<Message> take() {
    Effects effects = raft.effects();
    if (effects.persist() != null) {
      writes.add(effects.persist());
    }
    applying.addAll(effects.committed());
    reads.addAll(effects.reads());
    for (long to : effects.snapshotsTo()) {
      snapshotsTo.add(new SnapshotDue(to, raft.term()));
    }
    if (effects.install() != null) {
      if (install != null) {
        throw new IllegalStateException("two installs at once");
      }
      install = effects.install();
    }
    return effects.messages();
  }

  /** Makes the oldest outstanding write durable; returns the messages that waited for it. */
  List<Message> write() {
    Effects.Persist persist = writes.remove();
    disk.write(persist);
    if (!persist.entries().isEmpty()) {
      Entry last = persist.entries().getLast();
      raft.persisted(last.term(), last.index());
    }
    var others = new ArrayList<Message>();
    for (Message message : persist.after()) {
      if (message.to() == id) {
        raft.step(message);
      } else {
        others.add(message);
      }
    }
    return others;
  }

  /** Applies the oldest entry that was handed out. */
  void apply() {
    Entry entry = applying.remove();
    if (entry.index() != applied + 1) {
      throw new IllegalStateException("applied " + applied + ", then " + entry.index());
    }
    if (entry.index() > disk.lastIndex() || disk.term(entry.index()) != entry.term()) {
      throw new IllegalStateException("applying an entry that is not on the disk");
    }
    applied = entry.index();
    appliedTerm = entry.term();
    String text = new String(entry.data(), StandardCharsets.UTF_8);
    switch (entry.kind()) {
      case NOOP -> raft.applied(applied);
      case COMMAND -> {
        commands.add(text);
        raft.applied(applied);
      }
      case MEMBERSHIP -> {
        membership = changed(membership, text);
        raft.membershipApplied(applied, membership);
      }
    }
  }

  SnapshotMeta snapshot() {
    return new SnapshotMeta(applied, appliedTerm, membership);
  }

  /** Carries out the install that was asked for, with the state machine of another node. */
  void install(List<String> contents) {
    SnapshotMeta meta = install;
    install = null;
    applying.clear();
    commands.clear();
    commands.addAll(contents);
    membership = meta.membership();
    applied = meta.index();
    appliedTerm = meta.term();
    disk.reset(meta.index(), meta.term());
    raft.snapshotInstalled(meta);
  }

  static Membership changed(Membership from, String changes) {
    var voters = new TreeSet<>(from.voters());
    var learners = new TreeSet<>(from.learners());
    for (String change : changes.split(";")) {
      String[] words = change.trim().split(" ");
      long member = Long.parseLong(words[1]);
      voters.remove(member);
      learners.remove(member);
      switch (words[0]) {
        case "voter" -> voters.add(member);
        case "learner" -> learners.add(member);
        case "remove" -> {}
        default -> throw new IllegalArgumentException(change);
      }
    }
    return new Membership(voters, learners);
  }
}
