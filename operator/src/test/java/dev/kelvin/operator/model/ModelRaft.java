package dev.kelvin.operator.model;

import dev.kelvin.operator.facts.NodeStatus;
import dev.kelvin.operator.model.Disk.Config;
import dev.kelvin.operator.model.Disk.Entry;
import dev.kelvin.operator.model.Disk.Peer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The nodes of {@link ModelKube}'s pods as docs/operations.md says they behave, on a Raft of few
 * words: terms, logs, elections that a majority with shorter logs allows, replication that takes
 * its time, members as of the last committed change. What is committed is kept, and every leader is
 * checked to have it.
 */
final class ModelRaft {
  /** A node says no. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    Refused(String why) {
      super(why);
    }
  }

  final ModelKube kube;

  /** Everything ever committed, by index. */
  final List<Entry> committed = new ArrayList<>();

  final List<Long> foundings = new ArrayList<>();
  int recoveries;

  /** The spec was changed lately: what was read before may still be acted on. */
  boolean specChanged;

  int transfers;

  /** Those that stand, as every node has applied. */
  List<NodeStatus.Alarm> alarms = List.of();

  private long writes;

  ModelRaft(ModelKube kube) {
    this.kube = kube;
  }

  static int majority(int voters) {
    return voters / 2 + 1;
  }

  Optional<ModelPod> leader() {
    return kube.pods.values().stream()
        .filter(ModelPod::leads)
        .max(Comparator.comparingLong(p -> p.disk.term));
  }

  /** The cluster as of what is committed; null before it is founded. */
  Config truth() {
    for (int i = committed.size() - 1; i >= 0; i--) {
      if (committed.get(i).config() != null) {
        return committed.get(i).config();
      }
    }
    return null;
  }

  Optional<ModelPod> alive(Config config, long member) {
    return kube.pods.values().stream()
        .filter(p -> p.alive() && p.disk.member == member && p.disk.cluster == config.cluster())
        .findFirst();
  }

  long living(Config config) {
    return config.voters().stream().filter(v -> alive(config, v.id()).isPresent()).count();
  }

  void tick() {
    for (var pod : kube.pods.values()) {
      pod.silence++;
      if (pod.restoring > 0 && --pod.restoring == 0) {
        found(pod, pod.restoringTo);
      }
    }
    kube.pods.values().stream()
        .filter(p -> p.leads() && living(p.disk.config()) < majority(voters(p)))
        .forEach(p -> p.leader = 0);
    if (leader().isEmpty() && kube.random.nextInt(3) > 0) {
      elect();
    }
    leader()
        .ifPresent(
            leader -> {
              if (kube.random.nextBoolean()) {
                append(leader, new Entry(leader.disk.term, ++writes, null));
              }
              replicate(leader);
              admit(leader);
              promote(leader);
              tellRemoved(leader);
            });
    for (var pod : kube.pods.values()) {
      if (pod.silence > 3 && !pod.leads()) {
        pod.leader = 0;
      }
    }
  }

  private static int voters(ModelPod pod) {
    return pod.disk.config().voters().size();
  }

  private void elect() {
    var able = kube.pods.values().stream().filter(this::canWin).toList();
    if (!able.isEmpty()) {
      win(able.get(kube.random.nextInt(able.size())));
    }
  }

  private boolean canWin(ModelPod pod) {
    var config = pod.alive() ? pod.disk.config() : null;
    if (config == null || config.voters().stream().noneMatch(v -> v.id() == pod.disk.member)) {
      return false;
    }
    long votes =
        config.voters().stream()
            .flatMap(v -> alive(config, v.id()).stream())
            .filter(v -> grants(v, pod))
            .count();
    return votes >= majority(config.voters().size());
  }

  private static boolean grants(ModelPod voter, ModelPod candidate) {
    var own = voter.disk.config();
    if (own != null && own.removed().contains(candidate.disk.member)) {
      return false;
    }
    int terms = Long.compare(voter.disk.lastTerm(), candidate.disk.lastTerm());
    return terms < 0 || (terms == 0 && voter.disk.log.size() <= candidate.disk.log.size());
  }

  private void win(ModelPod pod) {
    long term = 1 + kube.pods.values().stream().mapToLong(p -> p.disk.term).max().orElse(0);
    kube.pods.values().stream()
        .filter(p -> p.leads() && p.disk.cluster == pod.disk.cluster)
        .forEach(p -> p.leader = 0);
    pod.disk.term = term;
    pod.leader = pod.disk.member;
    pod.silence = 0;
    pod.heard.clear();
    for (int i = 0; i < committed.size(); i++) {
      if (i >= pod.disk.log.size() || !pod.disk.log.get(i).equals(committed.get(i))) {
        throw new AssertionError(
            "acknowledged entry %d is lost: pod %d leads without it".formatted(i, pod.ordinal));
      }
    }
    append(pod, new Entry(term, 0, null));
  }

  private static void append(ModelPod leader, Entry entry) {
    leader.disk.log.add(entry);
  }

  private void replicate(ModelPod leader) {
    var config = leader.disk.config();
    leader.silence = 0;
    leader.heard.clear();
    for (var member : config.members()) {
      var pod = alive(config, member.id());
      if (pod.isPresent()) {
        leader.heard.add(member.id());
        if (pod.get() != leader) {
          copy(leader, pod.get());
        }
      }
    }
    commit(leader, config);
  }

  private void copy(ModelPod leader, ModelPod to) {
    var theirs = to.disk.log;
    var ours = leader.disk.log;
    int same = 0;
    while (same < theirs.size() && same < ours.size() && theirs.get(same).equals(ours.get(same))) {
      same++;
    }
    if (same < to.disk.commit) {
      throw new AssertionError("pod %d has committed what its leader lacks".formatted(to.ordinal));
    }
    theirs.subList(same, theirs.size()).clear();
    int gap = ours.size() - same;
    int until = Math.min(ours.size(), same + kube.random.nextInt(8) + gap / 8);
    theirs.addAll(ours.subList(same, until));
    to.disk.term = leader.disk.term;
    to.disk.commit = Math.max(to.disk.commit, Math.min(leader.disk.commit, theirs.size()));
    to.leader = leader.disk.member;
    to.silence = 0;
  }

  private void commit(ModelPod leader, Config config) {
    var matches =
        config.voters().stream()
            .map(v -> alive(config, v.id()).map(p -> match(leader, p)).orElse(0))
            .sorted(Comparator.reverseOrder())
            .toList();
    int index = matches.get(majority(matches.size()) - 1);
    if (index <= leader.disk.commit || leader.disk.log.get(index - 1).term() != leader.disk.term) {
      return;
    }
    // One change at a time takes effect before what follows it counts.
    for (int i = leader.disk.commit; i < index; i++) {
      if (leader.disk.log.get(i).config() != null) {
        index = i + 1;
      }
    }
    leader.disk.commit = index;
    for (int i = committed.size(); i < index; i++) {
      committed.add(leader.disk.log.get(i));
    }
  }

  static int match(ModelPod leader, ModelPod pod) {
    int same = 0;
    while (same < pod.disk.log.size()
        && same < leader.disk.log.size()
        && pod.disk.log.get(same).equals(leader.disk.log.get(same))) {
      same++;
    }
    return same;
  }

  private void admit(ModelPod leader) {
    var config = leader.disk.config();
    for (var pod : kube.pods.values()) {
      if (!pod.running || !pod.joining) {
        continue;
      }
      var mine =
          config.members().stream()
              .filter(m -> m.incarnation() == pod.disk.incarnation)
              .findFirst();
      if (mine.isPresent()) {
        pod.disk.member = mine.get().id();
        pod.disk.cluster = config.cluster();
        pod.joining = false;
      } else if (membersSettled(leader)
          && !config.hasLearner()
          && config.members().stream().noneMatch(m -> m.ordinal() == pod.ordinal)) {
        change(leader, config.add(new Peer(kube.id(), pod.ordinal, true, pod.disk.incarnation)));
      }
    }
  }

  private void promote(ModelPod leader) {
    var config = leader.disk.config();
    for (var learner : config.members()) {
      if (learner.learner() && kube.random.nextInt(3) == 0) {
        try {
          promote(config.cluster(), learner.id());
        } catch (Refused e) {
          continue;
        }
      }
    }
  }

  private void tellRemoved(ModelPod leader) {
    var config = leader.disk.config();
    boolean known =
        config.members().stream()
            .flatMap(m -> alive(config, m.id()).stream())
            .allMatch(p -> p.disk.commit == leader.disk.commit);
    for (var pod : kube.pods.values()) {
      // A leader that finds itself removed stays until the others know that this is committed.
      if (pod.alive()
          && (pod != leader || known)
          && pod.disk.cluster == config.cluster()
          && config.removed().contains(pod.disk.member)
          && kube.random.nextBoolean()) {
        pod.disk.removed = true;
        pod.leader = 0;
      }
    }
  }

  static boolean membersSettled(ModelPod leader) {
    return !leader.disk.changePending() && settled(leader);
  }

  static boolean settled(ModelPod leader) {
    return leader.disk.log.subList(0, leader.disk.commit).stream()
        .anyMatch(e -> e.term() == leader.disk.term);
  }

  private void change(ModelPod leader, Config next) {
    append(leader, new Entry(leader.disk.term, 0, next));
  }

  private ModelPod leaderOf(long cluster) throws Refused {
    return leader()
        .filter(l -> l.disk.cluster == cluster)
        .orElseThrow(() -> new Refused("no leader"));
  }

  // What the care service is asked.

  void bootstrap(ModelPod pod, long cluster, long incarnation, boolean snapshot) throws Refused {
    if (!pod.running || pod.disk.incarnation != incarnation) {
      throw new Refused("another incarnation");
    }
    if (!pod.disk.blank()) {
      if (pod.disk.cluster != cluster) {
        throw new Refused("member of another cluster");
      }
      return;
    }
    if (pod.joining) {
      throw new Refused("joins");
    }
    Checks.check(
        snapshot == kube.wanted.founding().isPresent(),
        "founds a cluster %s the snapshot",
        snapshot ? "from" : "without");
    if (!snapshot) {
      found(pod, cluster);
    } else if (!pod.revision.contains("snapshot")) {
      throw new Refused("there is no such file");
    } else if (pod.restoring == 0) {
      pod.restoring = 1 + kube.random.nextInt(4);
      pod.restoringTo = cluster;
    }
  }

  private void found(ModelPod pod, long cluster) {
    foundings.add(cluster);
    var self = new Peer(kube.id(), pod.ordinal, false, pod.disk.incarnation);
    pod.disk.member = self.id();
    pod.disk.cluster = cluster;
    pod.disk.log.add(new Entry(1, 0, new Config(cluster, List.of(), List.of(self), Set.of())));
    pod.disk.commit = 1;
    pod.disk.term = 1;
    committed.clear();
    committed.addAll(pod.disk.log);
  }

  void join(ModelPod pod) throws Refused {
    if (!pod.running || pod.disk.removed) {
      throw new Refused("not now");
    }
    if (pod.disk.blank()) {
      pod.joining = true;
    }
  }

  void promote(long cluster, long id) throws Refused {
    var leader = leaderOf(cluster);
    var config = leader.disk.config();
    var learner = config.members().stream().filter(m -> m.id() == id && m.learner()).findFirst();
    if (learner.isEmpty()) {
      return;
    }
    var pod = alive(config, id).orElseThrow(() -> new Refused("learner not ready"));
    if (leader.disk.log.size() - match(leader, pod) > 4
        || living(config) + 1 < majority(config.voters().size() + 1)
        || !membersSettled(leader)) {
      throw new Refused("learner not ready");
    }
    change(leader, config.promote(id));
  }

  void remove(long cluster, long id) throws Refused {
    var leader = leaderOf(cluster);
    var config = leader.disk.config();
    var member = config.members().stream().filter(m -> m.id() == id).findFirst();
    if (member.isEmpty()) {
      return;
    }
    if (!membersSettled(leader)) {
      throw new Refused("another change is pending");
    }
    var next = config.remove(id);
    boolean lives = alive(config, id).isPresent();
    if (!member.get().learner()
        && (next.voters().isEmpty() || (lives && living(next) < majority(next.voters().size())))) {
      throw new Refused("unhealthy cluster");
    }
    if (leader.disk.member == id) {
      throw new Refused("the leader hands over first");
    }
    change(leader, next);
  }

  void transfer(long cluster, long to) throws Refused {
    var leader = leaderOf(cluster);
    if (leader.disk.member == to) {
      return;
    }
    var config = leader.disk.config();
    var pod = alive(config, to).orElseThrow(() -> new Refused("not healthy"));
    if (config.voters().stream().noneMatch(v -> v.id() == to)) {
      throw new Refused("bad transferee");
    }
    for (int i = 0; i < 10 && match(leader, pod) < leader.disk.log.size(); i++) {
      copy(leader, pod);
    }
    if (!canWin(pod)) {
      throw new Refused("timed out");
    }
    transfers++;
    win(pod);
  }

  void setAside(ModelPod pod, long member) throws Refused {
    if (!pod.running) {
      throw new Refused("not there");
    }
    if (pod.disk.blank()) {
      return;
    }
    if (!pod.disk.removed || pod.disk.member != member) {
      throw new Refused("was not removed");
    }
    pod.disk.setAside(kube.id());
  }

  void recover(ModelPod pod, long member, long from, long to) throws Refused {
    if (!pod.alive() || pod.disk.member != member) {
      throw new Refused("not this member");
    }
    if (pod.disk.cluster == to) {
      return;
    }
    var config = pod.disk.config();
    if (pod.disk.cluster != from || living(config) >= majority(config.voters().size())) {
      throw new Refused("a quorum answers");
    }
    recoveries++;
    List<Long> ancestors = new ArrayList<>(List.of(from));
    ancestors.addAll(config.ancestors());
    var self = new Peer(member, pod.ordinal, false, pod.disk.incarnation);
    pod.disk.term++;
    pod.disk.log.add(
        new Entry(pod.disk.term, 0, new Config(to, ancestors, List.of(self), config.removed())));
    pod.disk.commit = pod.disk.log.size();
    pod.disk.cluster = to;
    pod.leader = 0;
    committed.clear();
    committed.addAll(pod.disk.log);
  }
}
