package dev.kelvin.operator.facts;

import java.util.Optional;

/**
 * The spec of a cluster, as far as decisions depend on it.
 *
 * @param name of the KvCluster, which its pods' names begin with
 * @param generation of the spec
 * @param replicas voters wanted: 1, 3, 5 or 7
 * @param children digest of all that the children are built from, but for their size and volumes'
 * @param paused nothing is to be done
 * @param ephemeral a pod's data end with the pod
 * @param volumeBytes size of a volume; 0 if ephemeral
 * @param deleteClaims whether the claim of a member that was scaled away is deleted
 * @param leaderService whether a service follows the leader
 * @param founding while the cluster is to be founded from a snapshot, the digest of the children
 *     that show it to the founder; empty if it is founded of nothing
 * @param recovery the one-shot wish to recover from a lost quorum
 */
public record Wanted(
    String name,
    long generation,
    int replicas,
    String children,
    boolean paused,
    boolean ephemeral,
    long volumeBytes,
    boolean deleteClaims,
    boolean leaderService,
    Optional<String> founding,
    Optional<RecoveryWish> recovery) {
  public Wanted {
    if (replicas < 1) {
      throw new IllegalArgumentException("replicas: " + replicas);
    }
  }

  /** Name of the pod, and of the node in it. */
  public String pod(int ordinal) {
    return name + "-" + ordinal;
  }

  /**
   * @param name of the wish: the last one is never carried out again
   * @param survivor ordinal of the pod whose data are to live on
   */
  public record RecoveryWish(String name, int survivor) {}
}
