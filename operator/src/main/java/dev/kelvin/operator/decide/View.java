package dev.kelvin.operator.decide;

import dev.kelvin.operator.facts.Facts;
import dev.kelvin.operator.facts.Founding;
import dev.kelvin.operator.facts.Member;
import dev.kelvin.operator.facts.NodeStatus;
import dev.kelvin.operator.facts.Operation;
import dev.kelvin.operator.facts.Pod;
import dev.kelvin.operator.facts.Recovery;
import dev.kelvin.operator.facts.StatefulSet;
import dev.kelvin.operator.facts.Wanted;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The facts as the concerns look at them: who leads, who is a member, who is healthy.
 *
 * <p>Membership is acted on only as a leader tells it that has settled, and that heard from a
 * majority of its voters lately; without one, the furthest of the nodes that answer gives an idea
 * of it.
 */
final class View {
  /** Entries that a follower in sync may be behind; as the node's own bound for learners. */
  static final long MAX_LAG = 5_000;

  private final Facts facts;
  private final Instant now;
  private final Optional<Founding> founding;
  private final Optional<Recovery> recovery;
  private final Optional<NodeStatus> serving;
  private final Optional<NodeStatus> leader;
  private final List<Member> members;
  private Optional<Operation> operation = Optional.empty();

  View(Facts facts, Instant now) {
    this.facts = facts;
    this.now = now;
    this.founding = facts.recorded().founding();
    this.recovery =
        furthest(facts.recorded().recovery(), facts.statefulSet().flatMap(StatefulSet::recovery));
    this.serving = findLeader();
    this.leader = serving.filter(NodeStatus::settled);
    this.members =
        serving
            .or(() -> ours().max(Comparator.comparingLong(n -> n.commit() - n.lag())))
            .map(NodeStatus::members)
            .orElse(List.of());
  }

  /** The status may be wiped, or the annotation not be written yet. */
  private static Optional<Recovery> furthest(Optional<Recovery> a, Optional<Recovery> b) {
    if (a.isPresent() && b.isPresent() && a.get().name().equals(b.get().name())) {
      return a.get().outcome() == Recovery.Outcome.BEGUN ? b : a;
    }
    return a.or(() -> b);
  }

  private Optional<NodeStatus> findLeader() {
    var first = ours().filter(NodeStatus::leads).max(Comparator.comparingLong(NodeStatus::term));
    return first.filter(
        l -> {
          boolean succeeded =
              ours()
                  .anyMatch(
                      n -> n.term() > l.term() && n.leader() != 0 && n.leader() != l.member());
          var voters = l.members().stream().filter(m -> !m.learner()).toList();
          long heard = voters.stream().filter(m -> m.id() == l.member() || m.active()).count();
          return !succeeded && heard >= majority(voters.size());
        });
  }

  Facts facts() {
    return facts;
  }

  Wanted wanted() {
    return facts.wanted();
  }

  Instant now() {
    return now;
  }

  Optional<Founding> founding() {
    return founding;
  }

  Optional<Recovery> recovery() {
    return recovery;
  }

  /** The operation in flight; known once {@link Decide} has chosen it. */
  Optional<Operation> operation() {
    return operation;
  }

  void operation(Optional<Operation> inFlight) {
    this.operation = inFlight;
  }

  /** How many members there are to be for now: an operation in flight keeps what it began with. */
  int goal() {
    return operation.map(Operation::members).orElse(wanted().replicas());
  }

  /** Whether a rollout, or the growth of volumes, keeps the size the cluster had when it began. */
  boolean sizeIsLatched() {
    return operation.filter(o -> Operations.latchesSize(o.kind())).isPresent();
  }

  /** Nodes that answer and hold data of this cluster as a member. */
  Stream<NodeStatus> ours() {
    return facts.pods().stream().flatMap(p -> p.node().stream()).filter(this::isOurs);
  }

  boolean isOurs(NodeStatus node) {
    return founding.isPresent()
        && node.cluster() == founding.get().clusterId()
        && (node.state() == NodeStatus.State.VOTER || node.state() == NodeStatus.State.LEARNER);
  }

  /** Data of a cluster that is not this one. */
  boolean isForeign(NodeStatus node) {
    return founding.isPresent()
        && node.cluster() != 0
        && node.cluster() != founding.get().clusterId();
  }

  /** The leader, if its word on members can be acted on. */
  Optional<NodeStatus> leader() {
    return leader;
  }

  /** The leader, settled or not: clients are served. */
  Optional<NodeStatus> serving() {
    return serving;
  }

  long cluster() {
    return founding.orElseThrow().clusterId();
  }

  /** As the leader tells, or else as best known. */
  List<Member> members() {
    return members;
  }

  List<Member> voters() {
    return members.stream().filter(m -> !m.learner()).toList();
  }

  Optional<Member> learner() {
    return members.stream().filter(Member::learner).findFirst();
  }

  Optional<Member> memberAt(int ordinal) {
    return members.stream().filter(m -> m.ordinal() == ordinal).findFirst();
  }

  int highestMember() {
    return members.stream().mapToInt(Member::ordinal).max().orElse(-1);
  }

  /**
   * The node that is this member; empty while it does not answer, or its pod holds something else.
   */
  Optional<NodeStatus> nodeOf(Member member) {
    return facts.pods().stream()
        .flatMap(p -> p.node().stream())
        .filter(n -> n.member() == member.id() && isOurs(n))
        .findFirst();
  }

  Optional<Pod> podOf(Member member) {
    return facts.pods().stream()
        .filter(p -> p.node().filter(n -> n.member() == member.id() && isOurs(n)).isPresent())
        .findFirst();
  }

  /**
   * A voter that counts: heard of by the leader, caught up, and, if it is a pod of ours, answering
   * and not on its way out. Nobody is healthy while nobody leads.
   */
  boolean healthy(Member member) {
    if (member.learner() || !caughtUp(member)) {
      return false;
    }
    if (member.ordinal() < 0) {
      return true;
    }
    return podOf(member)
        .filter(p -> !p.deleting())
        .flatMap(Pod::node)
        .filter(n -> n.state() == NodeStatus.State.VOTER && n.lag() <= MAX_LAG)
        .isPresent();
  }

  /** By the leader's word. */
  boolean caughtUp(Member member) {
    return serving
        .filter(
            l ->
                l.member() == member.id()
                    || (member.active() && l.commit() - member.match() <= MAX_LAG))
        .isPresent();
  }

  boolean leads(Member member) {
    return serving.filter(l -> l.member() == member.id()).isPresent();
  }

  long healthyWithout(Member member) {
    return voters().stream().filter(v -> v.id() != member.id()).filter(this::healthy).count();
  }

  /** Whether the others are a quorum while the pod of this member is away. */
  boolean mayMiss(Member member) {
    return leader.isPresent()
        && (member.learner() || healthyWithout(member) >= majority(voters().size()));
  }

  /** Whether the others are a quorum of those that remain once this one is removed. */
  boolean mayRemove(Member member) {
    if (member.learner()) {
      return leader.isPresent();
    }
    int rest = voters().size() - 1;
    return leader.isPresent() && rest > 0 && healthyWithout(member) >= majority(rest);
  }

  /** Whether one voter more finds a quorum. */
  boolean mayAdd() {
    long healthy = voters().stream().filter(this::healthy).count();
    return leader.isPresent() && healthy + 1 >= majority(voters().size() + 1);
  }

  static int majority(int voters) {
    return voters / 2 + 1;
  }

  String pod(int ordinal) {
    return wanted().pod(ordinal);
  }

  /** As people write IDs. */
  static String hex(long id) {
    return "%016x".formatted(id);
  }

  /** The pod's revision is that of the present template. False while that is not known. */
  boolean outdated(Pod pod) {
    return facts.statefulSet().isPresent()
        && facts.statefulSet().get().settled()
        && !Objects.equals(pod.revision(), facts.statefulSet().get().revision());
  }

  static Optional<Step> wait(String reason, String message, Object... values) {
    return Optional.of(new Step.Wait(reason, message.formatted(values)));
  }
}
