package dev.kelvin.operator.model;

import dev.kelvin.operator.facts.Founding;
import dev.kelvin.operator.facts.Recorded;
import dev.kelvin.operator.facts.Recovery;
import dev.kelvin.operator.facts.Wanted;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * What Kubernetes keeps and does for one cluster: the resource with its status, the StatefulSet and
 * its controller (Parallel, OnDelete), pods, claims with their volumes. A template whose digest
 * says "bad" makes pods that never run.
 */
final class ModelKube {
  /** A claim and its volume. */
  static final class Claim {
    final int ordinal;
    final String uid;
    Disk disk = new Disk();
    Optional<Founding> founding = Optional.empty();
    long bytes;
    boolean deleting;

    Claim(int ordinal, String uid, long bytes) {
      this.ordinal = ordinal;
      this.uid = uid;
      this.bytes = bytes;
    }
  }

  /** The StatefulSet. */
  static final class Set {
    int replicas;
    String children = "";
    String revision = "";
    boolean settled;
    long volumeBytes;
    boolean snapshot;
    Optional<Founding> founding = Optional.empty();
    Optional<Recovery> recovery = Optional.empty();
  }

  final Random random;
  Wanted wanted;
  Recorded status = Recorded.NOTHING;
  long statusVersion;
  Set set;
  int budget;
  final TreeMap<Integer, ModelPod> pods = new TreeMap<>();
  final TreeMap<Integer, Claim> claims = new TreeMap<>();
  private int uids;

  ModelKube(Random random, Wanted wanted) {
    this.random = random;
    this.wanted = wanted;
  }

  String uid() {
    return "uid-" + ++uids;
  }

  void writeStatus(Recorded next) {
    status = next;
    statusVersion++;
  }

  /** One round of the StatefulSet's controller, the kubelets and the volumes' controllers. */
  void tick() {
    for (var pod : pods.values()) {
      pod.hiddenFor = Math.max(0, pod.hiddenFor - 1);
      pod.deadFor = Math.max(0, pod.deadFor - 1);
    }
    pods.values().removeIf(p -> p.deleting && p.deadFor == 0 && random.nextInt(3) > 0);
    claims.values().removeIf(c -> c.deleting && !pods.containsKey(c.ordinal));
    if (set != null && random.nextInt(4) > 0) {
      set.revision = "of " + set.children;
      set.settled = true;
      scale();
    }
    for (var pod : pods.values()) {
      if (!pod.running && !pod.deleting && pod.deadFor == 0 && !pod.revision.contains("bad")) {
        if (--pod.startsIn < 0) {
          start(pod);
        }
      }
    }
  }

  private void scale() {
    for (int ordinal = 0; ordinal < set.replicas; ordinal++) {
      if (!pods.containsKey(ordinal)) {
        create(ordinal);
      }
    }
    pods.tailMap(set.replicas).values().forEach(this::delete);
  }

  private void create(int ordinal) {
    Disk disk;
    if (wanted.ephemeral()) {
      disk = new Disk();
    } else {
      var claim = claims.computeIfAbsent(ordinal, o -> new Claim(o, uid(), set.volumeBytes));
      if (claim.deleting) {
        return;
      }
      disk = claim.disk;
    }
    pods.put(ordinal, new ModelPod(ordinal, uid(), set.revision, disk, random.nextInt(4)));
  }

  private void start(ModelPod pod) {
    pod.running = true;
    if (pod.disk.incarnation == 0) {
      pod.disk.incarnation = id();
    }
  }

  /** A random ID, not 0. */
  long id() {
    return random.nextLong() | 1;
  }

  void delete(ModelPod pod) {
    pod.deleting = true;
    pod.stop();
  }

  void restart(ModelPod pod) {
    pod.stop();
    pod.startsIn = random.nextInt(3);
  }

  /** The machine under a pod dies, and comes back some time. */
  void kill(ModelPod pod, int steps) {
    pod.stop();
    pod.deadFor = steps;
  }

  /** The pod goes, and what it kept with it. */
  void loseVolume(int ordinal, boolean claimToo) {
    var claim = claims.get(ordinal);
    if (claim != null) {
      if (claimToo) {
        claims.remove(ordinal);
      } else {
        claim.disk = new Disk();
      }
    }
    var pod = pods.remove(ordinal);
    if (pod != null) {
      pod.stop();
    }
  }
}
