package dev.kelvin.operator.model;

import dev.kelvin.operator.decide.Decision;
import dev.kelvin.operator.decide.Step;
import dev.kelvin.operator.facts.Facts;
import dev.kelvin.operator.facts.Recorded;
import dev.kelvin.operator.facts.Wanted;
import dev.kelvin.operator.facts.Wanted.RecoveryWish;
import dev.kelvin.operator.model.ModelOperator.Mishap;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One life of a cluster from one seed: a time of trouble, then a time of peace, at whose end the
 * spec must be reached, or be waited for with a reason that is true.
 */
final class Scenario {
  private static final int[] SIZES = {1, 3, 5, 7};
  private static final int TROUBLE = 150;
  private static final int PEACE = 1500;

  /** What may be waited for without end. */
  private static final Set<String> TRUE_REASONS =
      Set.of("DataGone", "QuorumLost", "NoLeader", "DataWouldBeLost", "PodsStarting");

  private final long seed;
  private final Random random;
  final ModelKube kube;
  final ModelRaft raft;
  final ModelOperator operator;
  private final List<String> story = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private int templates;
  private int recoveriesAsked;
  private int sinceSpec;

  Scenario(long seed, BiFunction<Facts, Instant, Decision> decide) {
    this.seed = seed;
    this.random = new Random(seed);
    // By a source of its own: the lives of old seeds stay what they were.
    boolean snapshot = new Random(~seed).nextInt(4) == 0;
    this.kube = new ModelKube(random, first(random, snapshot));
    this.raft = new ModelRaft(kube);
    this.operator = new ModelOperator(raft, decide);
  }

  private static Wanted first(Random random, boolean snapshot) {
    boolean ephemeral = random.nextInt(4) == 0;
    return new Wanted(
        "demo",
        1,
        SIZES[random.nextInt(SIZES.length)],
        "template 0",
        false,
        ephemeral,
        ephemeral ? 0 : 10,
        random.nextBoolean(),
        true,
        snapshot ? Optional.of(founding("template 0")) : Optional.empty(),
        Optional.empty());
  }

  /** Digest of the children that show a snapshot to their pods. */
  static String founding(String children) {
    return children + " with snapshot";
  }

  /** A wanted state like this one, but for what is given. */
  static Wanted change(Wanted w, int replicas, String children, long bytes, boolean paused) {
    return new Wanted(
        w.name(),
        w.generation() + 1,
        replicas,
        children,
        paused,
        w.ephemeral(),
        bytes,
        w.deleteClaims(),
        w.leaderService(),
        w.founding().map(_ -> founding(children)),
        w.recovery());
  }

  /**
   * @throws AssertionError with the seed and the story
   */
  void run() {
    try {
      for (int i = 0; i < TROUBLE; i++) {
        trouble();
        round(random.nextInt(5) == 0, mishap());
      }
      calm();
      for (int i = 0; i < PEACE && !reached(); i++) {
        round(false, Mishap.NONE);
      }
      judge();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "seed %d: %s%n%s%n%s"
              .formatted(
                  seed,
                  e.getMessage() == null ? e : e.getMessage(),
                  state(),
                  story.stream()
                      .skip(Math.max(0, story.size() - 40))
                      .collect(Collectors.joining("\n"))),
          e);
    }
  }

  private String state() {
    return kube.pods.values().stream()
        .map(
            p ->
                "pod %d: %s%s%s member %d of %d, %d entries, %d committed, leader %d, knows %s"
                    .formatted(
                        p.ordinal,
                        p.running ? "running" : "down",
                        p.joining ? " joining" : "",
                        p.disk.removed ? " removed" : "",
                        p.disk.member,
                        p.disk.cluster,
                        p.disk.log.size(),
                        p.disk.commit,
                        p.leader,
                        p.disk.config()))
        .collect(Collectors.joining("\n"));
  }

  /** Some rounds without trouble. */
  void peace(int rounds) {
    for (int i = 0; i < rounds; i++) {
      round(false, Mishap.NONE);
    }
  }

  private Mishap mishap() {
    var all = Mishap.values();
    return random.nextInt(3) == 0 ? all[random.nextInt(all.length)] : Mishap.NONE;
  }

  private void round(boolean stale, Mishap mishap) {
    now = now.plus(Duration.ofSeconds(2));
    raft.specChanged = sinceSpec++ < 10;
    kube.tick();
    raft.tick();
    operator.reconcile(now, stale, mishap);
    if (!(operator.last.step() instanceof Step.Wait)) {
      tell(
          "%s%s%s",
          operator.last.step(), stale ? " stale" : "", mishap == Mishap.NONE ? "" : " " + mishap);
    }
    Checks.always(raft, recoveriesAsked);
  }

  /** What was told before is not told again. */
  void tell(String what, Object... values) {
    var line = what.formatted(values);
    if (story.isEmpty() || !story.getLast().equals(line)) {
      story.add(line);
    }
  }

  private void trouble() {
    if (random.nextInt(3) > 0) {
      return;
    }
    int ordinal = random.nextInt(kube.wanted.replicas() + 1);
    var pod = kube.pods.get(ordinal);
    switch (random.nextInt(11)) {
      case 0 -> {
        if (pod != null && (!kube.wanted.ephemeral() || spare(ordinal))) {
          tell("! pod %d deleted", ordinal);
          kube.delete(pod);
        }
      }
      case 1 -> {
        if (pod != null && !pod.deleting && pod.startsIn < 0) {
          tell("! node of pod %d restarts", ordinal);
          kube.restart(pod);
        }
      }
      case 2 -> {
        if (pod != null) {
          tell("! machine of pod %d dead for a while", ordinal);
          kube.kill(pod, 5 + random.nextInt(20));
        }
      }
      case 3 -> {
        if (pod != null) {
          tell("! pod %d hidden from the operator", ordinal);
          pod.hiddenFor = 5 + random.nextInt(20);
        }
      }
      case 4, 5 -> {
        if (spare(ordinal)) {
          tell("! volume of pod %d lost", ordinal);
          kube.loseVolume(ordinal, random.nextBoolean());
        }
      }
      case 6 -> {
        tell("! status wiped");
        kube.writeStatus(Recorded.NOTHING);
      }
      case 7 -> {
        int replicas = SIZES[random.nextInt(SIZES.length)];
        tell("! replicas %d", replicas);
        spec(
            change(
                kube.wanted, replicas, kube.wanted.children(), kube.wanted.volumeBytes(), false));
      }
      case 8 -> {
        var template = (random.nextInt(4) == 0 ? "bad " : "template ") + ++templates;
        tell("! %s", template);
        spec(
            change(
                kube.wanted, kube.wanted.replicas(), template, kube.wanted.volumeBytes(), false));
      }
      case 9 -> raft.leader().ifPresent(l -> l.leader = 0);
      default -> {
        if (!kube.wanted.ephemeral()) {
          tell("! volumes grow");
          spec(
              change(
                  kube.wanted,
                  kube.wanted.replicas(),
                  kube.wanted.children(),
                  kube.wanted.volumeBytes() + 1,
                  random.nextInt(5) == 0));
        }
      }
    }
  }

  void spec(Wanted next) {
    kube.wanted = next;
    sinceSpec = 0;
  }

  void wish(String name, int survivor) {
    recoveriesAsked++;
    var w = kube.wanted;
    spec(
        new Wanted(
            w.name(),
            w.generation() + 1,
            w.replicas(),
            w.children(),
            w.paused(),
            w.ephemeral(),
            w.volumeBytes(),
            w.deleteClaims(),
            w.leaderService(),
            w.founding(),
            Optional.of(new RecoveryWish(name, survivor))));
  }

  /**
   * Whether what is kept at this ordinal can be lost, and everything acknowledged still be there.
   */
  private boolean spare(int ordinal) {
    var truth = raft.truth();
    if (truth == null) {
      return !kube.status.founding().isPresent() || random.nextInt(10) == 0;
    }
    long intact =
        truth.voters().stream()
            .filter(v -> v.ordinal() != ordinal)
            .filter(v -> hasAll(diskOf(v.ordinal()), v.id()))
            .count();
    boolean pending = IntStream.range(0, 10).mapToObj(this::diskOf).anyMatch(Disk::changePending);
    return !pending && intact >= ModelRaft.majority(truth.voters().size());
  }

  private Disk diskOf(int ordinal) {
    var pod = kube.pods.get(ordinal);
    var claim = kube.claims.get(ordinal);
    if (kube.wanted.ephemeral() && pod != null && pod.deleting) {
      return new Disk();
    }
    return pod != null ? pod.disk : claim != null ? claim.disk : new Disk();
  }

  /** Also the last change of members: in Raft it counts once a node knows that it is committed. */
  private boolean hasAll(Disk disk, long member) {
    return disk.member == member
        && raft.truth().equals(disk.config())
        && disk.log.size() >= raft.committed.size()
        && disk.log.subList(0, raft.committed.size()).equals(raft.committed);
  }

  private void calm() {
    kube.pods.values().forEach(p -> p.hiddenFor = 0);
    kube.pods.values().forEach(p -> p.deadFor = 0);
    var template =
        kube.wanted.children().contains("bad") ? "template " + ++templates : kube.wanted.children();
    tell("peace; %s", template);
    spec(change(kube.wanted, kube.wanted.replicas(), template, kube.wanted.volumeBytes(), false));
  }

  private boolean waitsFor(String reason) {
    return operator.last.step() instanceof Step.Wait(var why, _) && why.equals(reason);
  }

  private boolean reached() {
    return operator.lastFacts.wanted().equals(kube.wanted)
        && waitsFor("AsSpecified")
        && operator.last.operation().isEmpty();
  }

  /** After peace: the spec is reached, or the reason why not is true. */
  private void judge() {
    var step = operator.last.step();
    if (reached()) {
      asSpecified();
      return;
    }
    Checks.check(
        step instanceof Step.Wait(var reason, _) && TRUE_REASONS.contains(reason),
        "still not as specified: %s; %s",
        step,
        operator.last.operation());
    boolean single =
        kube.wanted.ephemeral() && raft.truth() != null && raft.truth().voters().size() == 1;
    boolean founderGone = raft.truth() == null && founderGone();
    Checks.check(
        (founderGone && (waitsFor("DataGone") || waitsFor("PodsStarting")))
            || (single && waitsFor("DataWouldBeLost")),
        "waits for what is not so: %s; members %s",
        step,
        raft.truth());
  }

  /** The disk that the founding is recorded for was lost before it founded. */
  private boolean founderGone() {
    var founding = kube.status.founding();
    return founding.isPresent()
        && kube.pods.values().stream()
            .noneMatch(p -> p.disk.incarnation == founding.get().incarnation())
        && kube.claims.values().stream()
            .noneMatch(c -> c.disk.incarnation == founding.get().incarnation());
  }

  private void asSpecified() {
    var truth = raft.truth();
    int n = kube.wanted.replicas();
    Checks.check(
        truth.members().stream().noneMatch(Disk.Peer::learner)
            && truth.members().stream()
                .map(Disk.Peer::ordinal)
                .collect(Collectors.toSet())
                .equals(IntStream.range(0, n).boxed().collect(Collectors.toSet())),
        "says that it is done with members %s",
        truth.members());
    Checks.check(kube.set.replicas == n, "says that it is done with %d pods", kube.set.replicas);
    Checks.check(
        kube.pods.values().stream()
            .allMatch(p -> p.revision.equals(kube.set.revision) && p.ready()),
        "says that it is done with pods that are old or not ready");
    Checks.check(
        !kube.set.snapshot || (kube.wanted.ephemeral() && n == 1),
        "says that it is done and still shows the snapshot");
    Checks.check(kube.budget == (n == 1 ? 0 : ModelRaft.majority(n)), "budget is %d", kube.budget);
    Checks.check(
        kube.wanted.ephemeral() || kube.set.volumeBytes == kube.wanted.volumeBytes(),
        "says that it is done with small volumes");
    Checks.check(
        !kube.wanted.deleteClaims()
            || kube.claims.values().stream()
                .allMatch(c -> c.deleting || c.ordinal < n || c.founding.isEmpty()),
        "says that it is done with claims left");
    Checks.check(
        raft.leader().filter(l -> l.leaderLabel).isPresent(), "the leader is not labelled");
    raft.leader()
        .ifPresent(
            l ->
                Checks.check(
                    l.disk.log.size() >= raft.committed.size(), "the leader lacks entries"));
  }

  String story() {
    return String.join("\n", story);
  }
}
