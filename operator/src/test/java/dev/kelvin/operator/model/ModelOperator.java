package dev.kelvin.operator.model;

import dev.kelvin.operator.decide.Decision;
import dev.kelvin.operator.decide.Step;
import dev.kelvin.operator.decide.Step.ClaimId;
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
import dev.kelvin.operator.facts.StatefulSet;
import dev.kelvin.operator.facts.Wanted;
import dev.kelvin.operator.model.Disk.Config;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * Observes the model, has it decided, acts and reports; each of it can be late, interrupted or
 * repeated. Before it acts it is checked that the act can do no harm.
 */
final class ModelOperator {
  /** What befalls the operator in one round. */
  enum Mishap {
    NONE,
    CRASH_BEFORE_ACT,
    CRASH_WITHIN_ACT,
    CRASH_BEFORE_REPORT,
    ACT_TWICE
  }

  /** What the API server's cache holds: possibly of a while ago. */
  private record Seen(
      Wanted wanted,
      Recorded status,
      long statusVersion,
      Optional<StatefulSet> set,
      List<Pod> pods,
      List<Claim> claims,
      int budget) {}

  private final ModelKube kube;
  private final ModelRaft raft;
  private final BiFunction<Facts, Instant, Decision> decide;
  private Seen cache;
  private final TreeMap<String, Instant> unreachable = new TreeMap<>();
  Decision last;
  Facts lastFacts;

  ModelOperator(ModelRaft raft, BiFunction<Facts, Instant, Decision> decide) {
    this.raft = raft;
    this.kube = raft.kube;
    this.decide = decide;
  }

  void reconcile(Instant now, boolean stale, Mishap mishap) {
    if (!stale || cache == null) {
      cache = look();
    }
    var seen = cache;
    var facts = facts(seen, now);
    var decision = decide.apply(facts, now);
    last = decision;
    lastFacts = facts;
    long version = seen.statusVersion;
    if (mishap == Mishap.CRASH_BEFORE_ACT) {
      return;
    }
    Checks.harmless(raft, decision.step());
    version = act(decision.step(), version, mishap == Mishap.CRASH_WITHIN_ACT);
    if (mishap == Mishap.ACT_TWICE) {
      Checks.harmless(raft, decision.step());
      version = act(decision.step(), version, false);
    }
    if (mishap == Mishap.NONE || mishap == Mishap.ACT_TWICE) {
      report(decision.operation(), version);
    }
  }

  private void report(Optional<Operation> operation, long version) {
    if (version == kube.statusVersion && !operation.equals(kube.status.operation())) {
      kube.writeStatus(new Recorded(kube.status.founding(), kube.status.recovery(), operation));
    }
  }

  private Seen look() {
    return new Seen(
        kube.wanted,
        kube.status,
        kube.statusVersion,
        Optional.ofNullable(kube.set)
            .map(
                s ->
                    new StatefulSet(
                        s.replicas,
                        s.revision,
                        s.settled,
                        s.children,
                        s.founding,
                        s.recovery,
                        s.volumeBytes,
                        s.snapshot,
                        true)),
        kube.pods.values().stream()
            .map(
                p ->
                    new Pod(
                        p.ordinal,
                        p.uid,
                        version(p),
                        p.revision,
                        p.startsIn < 0,
                        p.running || p.deadFor > 0,
                        p.deadFor == 0 && p.ready(),
                        p.deleting,
                        p.leaderLabel,
                        "",
                        new Answer.Unreachable(Instant.EPOCH)))
            .toList(),
        kube.claims.values().stream()
            .map(c -> new Claim(c.ordinal, c.uid, c.founding, c.bytes, true, c.deleting))
            .toList(),
        kube.budget);
  }

  /** Changes whenever a kubelet reports something else. */
  static String version(ModelPod pod) {
    return "%s %s %s".formatted(pod.running, pod.ready(), pod.deleting);
  }

  /** The nodes are always asked now, by the addresses that the cache knows. */
  private Facts facts(Seen seen, Instant now) {
    var pods =
        seen.pods.stream()
            .map(
                p ->
                    new Pod(
                        p.ordinal(),
                        p.uid(),
                        p.version(),
                        p.revision(),
                        p.started(),
                        p.running(),
                        p.ready(),
                        p.deleting(),
                        p.leader(),
                        p.trouble(),
                        ask(p, now)))
            .toList();
    return new Facts(seen.wanted, seen.status, seen.set, pods, seen.claims, seen.budget, kube.id());
  }

  private Answer ask(Pod known, Instant now) {
    var pod = kube.pods.get(known.ordinal());
    boolean there = pod != null && pod.uid.equals(known.uid()) && pod.running;
    if (there && pod.opensItsData()) {
      unreachable.remove(known.uid());
      return word(pod.disk, State.STARTING);
    }
    if (!there || pod.hiddenFor > 0) {
      return new Answer.Unreachable(unreachable.computeIfAbsent(known.uid(), u -> now));
    }
    unreachable.remove(known.uid());
    return status(pod);
  }

  /** Of a node without a replica: what its identity tells. */
  private static NodeStatus word(Disk disk, State state) {
    return new NodeStatus(
        state,
        disk.incarnation,
        disk.member,
        disk.cluster,
        List.of(),
        0,
        0,
        false,
        0,
        0,
        0,
        0,
        "",
        false,
        List.of(),
        Optional.empty(),
        "1",
        List.of());
  }

  private NodeStatus status(ModelPod pod) {
    var disk = pod.disk;
    if (!pod.alive()) {
      return word(
          disk,
          disk.removed
              ? State.REMOVED
              : pod.restoring > 0 ? State.RESTORING : pod.joining ? State.JOINING : State.WAITING);
    }
    var config = disk.config();
    boolean voter = config != null && config.voters().stream().anyMatch(v -> v.id() == disk.member);
    return new NodeStatus(
        voter ? State.VOTER : State.LEARNER,
        disk.incarnation,
        disk.member,
        disk.cluster,
        config == null ? List.of() : config.ancestors(),
        disk.term,
        pod.leader,
        pod.leads() && ModelRaft.membersSettled(pod),
        disk.commit,
        0,
        disk.lastTerm(),
        disk.log.size(),
        "",
        false,
        config == null ? List.of() : raft.alarms,
        Optional.of(Duration.ofSeconds(pod.silence)),
        "1",
        config == null ? List.of() : members(pod, config));
  }

  private static List<Member> members(ModelPod pod, Config config) {
    return config.members().stream()
        .map(
            m ->
                new Member(
                    m.id(),
                    m.ordinal(),
                    "pod-" + m.ordinal() + ":2380",
                    m.learner(),
                    m.incarnation(),
                    pod.leads() && pod.heard.contains(m.id()) ? pod.disk.commit : 0,
                    pod.leads() && pod.heard.contains(m.id())))
        .toList();
  }

  /**
   * Carries a step out as the real one would.
   *
   * @return version of the status that a report may replace
   */
  private long act(Step step, long version, boolean interrupted) {
    try {
      switch (step) {
        case Step.Wait _ -> {
          return version;
        }
        case Step.ApplyChildren apply -> apply(apply, interrupted);
        case Step.RecordFounding(var founding) -> {
          return found(founding, version);
        }
        case Step.AdoptFounding(var founding) -> {
          return found(founding, version);
        }
        case Step.MarkFounding(var founding, boolean set, var claims) ->
            mark(founding, set, claims, interrupted);
        case Step.Bootstrap(int ordinal, var founding, boolean snapshot) ->
            raft.bootstrap(node(ordinal), founding.clusterId(), founding.incarnation(), snapshot);
        case Step.Join(int ordinal, _, _) -> raft.join(node(ordinal));
        case Step.Promote(long cluster, long member) -> raft.promote(cluster, member);
        case Step.Remove(long cluster, long member, _, _) -> raft.remove(cluster, member);
        case Step.Transfer(long cluster, long to, _, _) -> raft.transfer(cluster, to);
        case Step.SetAside(int ordinal, long member) -> raft.setAside(node(ordinal), member);
        case Step.DeletePod(int ordinal, var uid, var read, _) -> {
          var pod = kube.pods.get(ordinal);
          if (pod != null && pod.uid.equals(uid) && read.equals(version(pod))) {
            kube.delete(pod);
          }
        }
        case Step.DeleteClaim(var claim) -> find(claim).ifPresent(c -> c.deleting = true);
        case Step.GrowVolume(var claim, long bytes) -> find(claim).ifPresent(c -> c.bytes = bytes);
        case Step.RenewStatefulSet _ -> kube.set = null;
        case Step.RecordRecovery(var recovery) -> {
          if (version != kube.statusVersion) {
            return version;
          }
          kube.writeStatus(
              new Recorded(kube.status.founding(), Optional.of(recovery), kube.status.operation()));
          if (!interrupted && kube.set != null) {
            kube.set.recovery = Optional.of(recovery);
          }
          return kube.statusVersion;
        }
        case Step.Recover(var recovery) ->
            raft.recover(
                node(recovery.survivor()), recovery.member(), recovery.from(), recovery.to());
        case Step.LabelLeader(int ordinal) ->
            kube.pods.values().forEach(p -> p.leaderLabel = p.ordinal == ordinal);
      }
    } catch (ModelRaft.Refused e) {
      return version;
    }
    return version;
  }

  private ModelPod node(int ordinal) throws ModelRaft.Refused {
    var pod = kube.pods.get(ordinal);
    if (pod == null || !pod.running || pod.hiddenFor > 0) {
      throw new ModelRaft.Refused("not reached");
    }
    return pod;
  }

  private Optional<ModelKube.Claim> find(ClaimId id) {
    return Optional.ofNullable(kube.claims.get(id.ordinal())).filter(c -> c.uid.equals(id.uid()));
  }

  private void apply(Step.ApplyChildren apply, boolean interrupted) {
    if (kube.set == null) {
      kube.set = new ModelKube.Set();
      kube.set.volumeBytes = apply.volumeBytes();
    }
    kube.set.replicas = apply.size();
    if (interrupted) {
      return;
    }
    kube.budget = apply.budget();
    var children =
        apply.snapshot() ? cache.wanted.founding().orElseThrow() : cache.wanted.children();
    if (!kube.set.children.equals(children)) {
      kube.set.children = children;
      kube.set.settled = false;
    }
    kube.set.snapshot = apply.snapshot();
  }

  private long found(Founding founding, long version) {
    if (version != kube.statusVersion) {
      return version;
    }
    kube.writeStatus(
        new Recorded(Optional.of(founding), kube.status.recovery(), kube.status.operation()));
    return kube.statusVersion;
  }

  private void mark(Founding founding, boolean set, List<ClaimId> claims, boolean interrupted) {
    if (set && kube.set != null) {
      kube.set.founding = Optional.of(founding);
    }
    var done = interrupted ? claims.subList(0, claims.size() / 2) : claims;
    done.forEach(id -> find(id).ifPresent(c -> c.founding = Optional.of(founding)));
  }
}
