package dev.kelvin.operator.decide;

import dev.kelvin.operator.facts.Answer;
import dev.kelvin.operator.facts.Claim;
import dev.kelvin.operator.facts.Facts;
import dev.kelvin.operator.facts.Founding;
import dev.kelvin.operator.facts.Member;
import dev.kelvin.operator.facts.NodeStatus;
import dev.kelvin.operator.facts.NodeStatus.State;
import dev.kelvin.operator.facts.Operation;
import dev.kelvin.operator.facts.Pod;
import dev.kelvin.operator.facts.Recorded;
import dev.kelvin.operator.facts.Recovery;
import dev.kelvin.operator.facts.StatefulSet;
import dev.kelvin.operator.facts.Wanted;
import dev.kelvin.operator.facts.Wanted.RecoveryWish;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Facts as a test tells them: a cluster that is well, and then what is different. Member IDs are
 * 100 + ordinal, incarnations 1000 + ordinal, the cluster is 7.
 */
final class Given {
  static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  static final long CLUSTER = 7;
  static final Founding FOUNDING = new Founding(CLUSTER, 1000);
  static final long FRESH = 99;

  /** A pod with its node. */
  static final class APod {
    final int ordinal;
    String revision = "new";
    boolean started = true;
    boolean running = true;
    boolean ready = true;
    boolean deleting;
    String trouble = "";
    Instant unreachable;
    State state = State.VOTER;
    long member;
    long incarnation;
    long cluster = CLUSTER;
    long lastIndex = 500;
    String refusal = "";
    boolean shortOfSpace;

    private APod(int ordinal) {
      this.ordinal = ordinal;
      this.member = 100 + ordinal;
      this.incarnation = 1000 + ordinal;
    }

    void blank(long newIncarnation) {
      state = State.WAITING;
      member = 0;
      cluster = 0;
      incarnation = newIncarnation;
      ready = false;
    }

    void unreachable() {
      unreachable = NOW.minusSeconds(5);
      ready = false;
    }

    void down() {
      unreachable();
      running = false;
    }
  }

  final TreeMap<Integer, APod> pods = new TreeMap<>();
  final TreeMap<Integer, Claim> claims = new TreeMap<>();
  final List<Member> members = new ArrayList<>();
  int replicas;
  int leader;
  int setSize;
  int budget;
  boolean set = true;
  boolean settledLeader = true;
  boolean ephemeral;
  boolean paused;
  boolean deleteClaims;
  boolean ours = true;
  long volumeBytes = 10;
  long wantedBytes = 10;
  String children = "digest";
  Optional<Founding> recorded = Optional.of(FOUNDING);
  Optional<Founding> marked = Optional.of(FOUNDING);
  Optional<Operation> operation = Optional.empty();
  Optional<String> founding = Optional.empty();
  boolean setSnapshot;
  Optional<RecoveryWish> wish = Optional.empty();
  Optional<Recovery> recovery = Optional.empty();
  final List<NodeStatus.Alarm> alarms = new ArrayList<>();

  /** A founded cluster of so many healthy voters, pod 0 leading. */
  static Given cluster(int size) {
    var given = new Given();
    given.replicas = size;
    given.setSize = size;
    given.budget = size == 1 ? 0 : size / 2 + 1;
    for (int o = 0; o < size; o++) {
      given.addPod(o);
      given.members.add(member(o, false));
    }
    return given;
  }

  /** Pods that wait with empty disks, and nothing else. */
  static Given unfounded(int size) {
    var given = cluster(size);
    given.members.clear();
    given.leader = -1;
    given.recorded = Optional.empty();
    given.marked = Optional.empty();
    given.pods.values().forEach(p -> p.blank(p.incarnation));
    given.claims.replaceAll((o, c) -> claim(o, Optional.empty(), 10, true));
    return given;
  }

  static Member member(int ordinal, boolean learner) {
    return new Member(
        100 + ordinal, ordinal, "demo-" + ordinal + ":2380", learner, 1000 + ordinal, 500, true);
  }

  static Claim claim(int ordinal, Optional<Founding> founding, long bytes, boolean expandable) {
    return new Claim(ordinal, "claim-" + ordinal, founding, bytes, expandable, false);
  }

  APod addPod(int ordinal) {
    var pod = new APod(ordinal);
    pods.put(ordinal, pod);
    claims.put(ordinal, claim(ordinal, marked, 10, true));
    return pod;
  }

  /** A pod that waits with an empty disk, and whose claim is marked. */
  APod addWaiting(int ordinal) {
    var pod = addPod(ordinal);
    pod.blank(1000 + ordinal);
    return pod;
  }

  APod pod(int ordinal) {
    return pods.get(ordinal);
  }

  /** As the leader knows it. */
  void inactive(int ordinal) {
    members.replaceAll(
        m ->
            m.ordinal() == ordinal
                ? new Member(
                    m.id(), ordinal, m.peer(), m.learner(), m.incarnation(), m.match(), false)
                : m);
  }

  /** The pod neither runs nor answers, and the leader has not heard of it. */
  void lose(int ordinal) {
    pod(ordinal).down();
    inactive(ordinal);
  }

  void outdated(int... ordinals) {
    for (int ordinal : ordinals) {
      pod(ordinal).revision = "old";
    }
  }

  void removeMember(int ordinal) {
    members.removeIf(m -> m.ordinal() == ordinal);
  }

  Facts facts() {
    return new Facts(
        new Wanted(
            "demo",
            3,
            replicas,
            "digest",
            paused,
            ephemeral,
            ephemeral ? 0 : wantedBytes,
            deleteClaims,
            false,
            founding,
            wish),
        new Recorded(recorded, recovery, operation),
        set
            ? Optional.of(
                new StatefulSet(
                    setSize,
                    "new",
                    true,
                    children,
                    marked,
                    Optional.empty(),
                    ephemeral ? 0 : volumeBytes,
                    setSnapshot,
                    ours))
            : Optional.empty(),
        pods.values().stream().map(this::pod).toList(),
        List.copyOf(ephemeral ? List.of() : claims.values()),
        budget,
        FRESH);
  }

  private Pod pod(APod p) {
    return new Pod(
        p.ordinal,
        "pod-" + p.ordinal,
        "5",
        p.revision,
        p.started,
        p.running,
        p.ready,
        p.deleting,
        false,
        p.trouble,
        p.unreachable != null ? new Answer.Unreachable(p.unreachable) : status(p));
  }

  private NodeStatus status(APod p) {
    boolean blank =
        p.state == State.WAITING || p.state == State.RESTORING || p.state == State.JOINING;
    boolean leads = p.ordinal == leader && p.state == State.VOTER;
    return new NodeStatus(
        p.state,
        p.incarnation,
        p.member,
        p.cluster,
        List.of(),
        blank ? 0 : 3,
        blank || leader < 0 ? 0 : 100 + leader,
        leads && settledLeader,
        blank ? 0 : 500,
        0,
        3,
        p.lastIndex,
        p.refusal,
        p.shortOfSpace,
        blank ? List.of() : alarms,
        leader < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(20)),
        "1.2.3",
        blank || p.cluster != CLUSTER ? List.of() : members);
  }

  Decision decision() {
    return Decide.decide(facts(), NOW);
  }

  Step step() {
    return decision().step();
  }

  /** The reason it waits for; fails if it acts. */
  String waits() {
    if (step() instanceof Step.Wait(var reason, _)) {
      return reason;
    }
    throw new AssertionError("does not wait: " + step());
  }

  Condition condition(Condition.Type type) {
    return decision().conditions().stream().filter(c -> c.type() == type).findFirst().orElseThrow();
  }
}
