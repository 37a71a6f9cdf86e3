package dev.kelvin.operator.model;

import dev.kelvin.operator.decide.Step;
import dev.kelvin.operator.model.Disk.Config;

/** What must hold whatever happens; a violation ends the run. */
final class Checks {
  private Checks() {}

  /** Looks at what a step would do to the cluster as it truly is. */
  static void harmless(ModelRaft raft, Step step) {
    var truth = raft.truth();
    if (truth == null) {
      return;
    }
    switch (step) {
      case Step.Remove(long cluster, long member, _, _) -> {
        boolean known = truth.members().stream().anyMatch(m -> m.id() == member);
        if (cluster == truth.cluster() && known) {
          removes(raft, truth, member);
        }
      }
      case Step.Join join -> joins(raft, truth, join);
      case Step.DeletePod(int ordinal, var uid, var read, _) -> {
        var pod = raft.kube.pods.get(ordinal);
        if (pod != null && pod.uid.equals(uid) && read.equals(ModelOperator.version(pod))) {
          stops(raft, truth, pod);
        }
      }
      case Step.DeleteClaim(var id) -> {
        var claim = raft.kube.claims.get(id.ordinal());
        check(
            claim == null
                || !claim.uid.equals(id.uid())
                || truth.members().stream().noneMatch(m -> m.id() == claim.disk.member),
            "deletes the claim of a member: %s",
            step);
      }
      case Step.ApplyChildren apply -> {
        check(
            !apply.snapshot() || (raft.kube.set != null && raft.kube.set.snapshot),
            "shows the snapshot to a cluster that is founded");
        check(
            raft.kube.set == null
                || apply.size() >= raft.kube.set.replicas
                || truth.members().stream().noneMatch(m -> m.ordinal() >= apply.size()),
            "shrinks before removing: %s with members %s",
            step,
            truth.members());
      }
      default -> {}
    }
  }

  private static void removes(ModelRaft raft, Config truth, long member) {
    var next = truth.remove(member);
    boolean learner = truth.members().stream().anyMatch(m -> m.id() == member && m.learner());
    check(learner || !truth.hasLearner(), "removes %d while a learner is on its way", member);
    if (!learner && raft.living(truth) >= ModelRaft.majority(truth.voters().size())) {
      check(
          raft.living(next) >= ModelRaft.majority(next.voters().size()),
          "removes %d, and leaves no quorum",
          member);
      boolean unwanted =
          truth.members().stream()
              .anyMatch(m -> m.id() == member && m.ordinal() >= raft.kube.wanted.replicas());
      boolean dataThere =
          raft.kube.claims.values().stream().anyMatch(c -> c.disk.member == member)
              || raft.kube.pods.values().stream().anyMatch(p -> p.disk.member == member);
      check(
          unwanted || raft.specChanged || !dataThere,
          "removes %d, which is wanted and has its data",
          member);
    }
  }

  private static void joins(ModelRaft raft, Config truth, Step.Join join) {
    // What a new leader does not know yet to be committed nobody can be told.
    var known = raft.leader().map(l -> l.disk.config()).orElse(truth);
    boolean other =
        known.members().stream().anyMatch(m -> m.learner() && m.ordinal() != join.ordinal())
            || raft.kube.pods.values().stream()
                .anyMatch(
                    p -> p.running && p.joining && p.hiddenFor == 0 && p.ordinal != join.ordinal());
    boolean inAlready =
        known.members().stream().anyMatch(m -> m.learner() && m.ordinal() == join.ordinal());
    check(inAlready || !other, "two changes at once: %s", join);
  }

  private static void stops(ModelRaft raft, Config truth, ModelPod pod) {
    boolean voter = truth.voters().stream().anyMatch(v -> v.id() == pod.disk.member);
    int voters = truth.voters().size();
    boolean quorum = raft.living(truth) >= ModelRaft.majority(voters);
    if (voter && quorum && voters > 1) {
      long left = raft.living(truth) - (pod.alive() ? 1 : 0);
      check(
          left >= ModelRaft.majority(voters),
          "deletes pod %d, and leaves %d of %d voters",
          pod.ordinal,
          left,
          voters);
      check(!pod.leads(), "deletes the leader's pod %d", pod.ordinal);
    }
    if (voter && raft.kube.wanted.ephemeral()) {
      check(voters > 1, "deletes the only data, in pod %d", pod.ordinal);
    }
  }

  static void always(ModelRaft raft, int recoveriesAsked) {
    check(raft.foundings.size() <= 1, "founded %d times", raft.foundings.size());
    check(raft.recoveries <= recoveriesAsked, "recovered %d times", raft.recoveries);
  }

  static void check(boolean holds, String otherwise, Object... values) {
    if (!holds) {
      throw new AssertionError(otherwise.formatted(values));
    }
  }
}
