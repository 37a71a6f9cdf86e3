package dev.kelvin.operator.decide;

import dev.kelvin.operator.facts.Founding;
import dev.kelvin.operator.facts.Recovery;
import java.util.List;

/**
 * The one next step. Each may be carried out twice, or be interrupted and come again: what names a
 * pod, a claim, a node or a cluster names that very one, and is void for its successor.
 */
public sealed interface Step {

  /**
   * Nothing can or need be done now.
   *
   * @param reason one word, for a condition
   * @param message for a person
   */
  record Wait(String reason, String message) implements Step {}

  /**
   * Creates the children, or makes them what they are to be.
   *
   * @param size of the StatefulSet
   * @param budget {@code minAvailable} of the PodDisruptionBudget; 0 for none
   * @param volumeBytes in the StatefulSet's claim template, which cannot be changed in place
   * @param snapshot whether pods are shown the snapshot that the cluster is to be founded from
   */
  record ApplyChildren(int size, int budget, long volumeBytes, boolean snapshot) implements Step {
    public ApplyChildren(int size, int budget, long volumeBytes) {
      this(size, budget, volumeBytes, false);
    }
  }

  /** Writes a new founding into the status, under optimistic locking. Nothing is founded yet. */
  record RecordFounding(Founding founding) implements Step {}

  /** Writes the founding that traces tell of into the status, under optimistic locking. */
  record AdoptFounding(Founding founding) implements Step {}

  /** Writes the founding onto the StatefulSet, if said so, and onto these claims. */
  record MarkFounding(Founding founding, boolean statefulSet, List<ClaimId> claims)
      implements Step {}

  /**
   * Has the node of a pod found the cluster.
   *
   * @param snapshot whether from the one that the spec names, and not of nothing
   */
  record Bootstrap(int ordinal, Founding founding, boolean snapshot) implements Step {
    public Bootstrap(int ordinal, Founding founding) {
      this(ordinal, founding, false);
    }
  }

  /**
   * Has the waiting node of a pod ask to be let in.
   *
   * @param incarnation it is meant for
   * @param members peer addresses
   */
  record Join(int ordinal, long incarnation, List<String> members) implements Step {}

  /** Makes a learner that caught up a voter; one that joined by itself does that by itself. */
  record Promote(long cluster, long member) implements Step {}

  /** Takes a member out of the cluster. */
  record Remove(long cluster, long member, int ordinal, String why) implements Step {}

  /** Hands leadership over. */
  record Transfer(long cluster, long to, int ordinal, String why) implements Step {}

  /** Has the data of a removed identity renamed, so that the node is as new. */
  record SetAside(int ordinal, long member) implements Step {}

  /**
   * Deletes a pod, which its StatefulSet makes anew from the present template.
   *
   * @param version of the object this was decided on: void for any later one
   */
  record DeletePod(int ordinal, String uid, String version, String why) implements Step {}

  /** Deletes the claim of a member that was scaled away. */
  record DeleteClaim(ClaimId claim) implements Step {}

  /** Lets a volume grow. */
  record GrowVolume(ClaimId claim, long bytes) implements Step {}

  /** Deletes the StatefulSet and leaves its pods, for it to come again with another template. */
  record RenewStatefulSet() implements Step {}

  /** Writes a recovery into the status, under optimistic locking, and onto the StatefulSet. */
  record RecordRecovery(Recovery recovery) implements Step {}

  /** Has a survivor go on alone. */
  record Recover(Recovery recovery) implements Step {}

  /** Labels this pod, and no other, as the leader's. */
  record LabelLeader(int ordinal) implements Step {}

  /**
   * A claim, and no later one of its name.
   *
   * @param uid as Kubernetes gave it
   */
  record ClaimId(int ordinal, String uid) {}
}
