package dev.kelvin.operator.model;

import java.util.Set;
import java.util.TreeSet;

/** A pod and the node in it. */
final class ModelPod {
  final int ordinal;
  final String uid;
  final String revision;
  final Disk disk;
  boolean leaderLabel;
  boolean deleting;

  /** Steps until its process runs. */
  int startsIn;

  /** Steps for which the machine under it is dead. */
  int deadFor;

  /** Steps for which the operator, and nobody else, cannot reach it. */
  int hiddenFor;

  /** The process. */
  boolean running;

  boolean joining;

  /** Steps until a snapshot is taken over; 0 while none is. */
  int restoring;

  /** Cluster that is founded then. */
  long restoringTo;

  /** Member that leads, as known here; 0 for none. */
  long leader;

  /** Steps since a leader was heard of. */
  int silence;

  /** Members a leader heard of in its last round. */
  final Set<Long> heard = new TreeSet<>();

  ModelPod(int ordinal, String uid, String revision, Disk disk, int startsIn) {
    this.ordinal = ordinal;
    this.uid = uid;
    this.revision = revision;
    this.disk = disk;
    this.startsIn = startsIn;
  }

  /** Takes part in its cluster, or believes that it does. */
  boolean alive() {
    return running && !disk.blank() && !disk.removed;
  }

  /** As the operator sees it: every other time that it cannot be reached. */
  boolean opensItsData() {
    return alive() && hiddenFor % 2 == 1;
  }

  boolean leads() {
    return alive() && leader == disk.member;
  }

  void stop() {
    running = false;
    joining = false;
    restoring = 0;
    leader = 0;
    silence = 0;
    heard.clear();
  }

  /** As a kubelet finds: a voter that hears a leader. */
  boolean ready() {
    var config = disk.config();
    return alive()
        && leader != 0
        && config != null
        && config.voters().stream().anyMatch(v -> v.id() == disk.member);
  }
}
