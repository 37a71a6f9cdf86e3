package dev.kelvin.operator.facts;

import java.util.Optional;

/**
 * @param uid names this very pod, not its successor of the same name
 * @param version of the object that was read
 * @param revision hash of the template it was made from
 * @param started whether it has an address, so that its node may run
 * @param running whether its container runs, as its kubelet last said
 * @param ready as its kubelet finds
 * @param deleting whether it is on its way out
 * @param leader whether it is labelled as the leader's
 * @param trouble why it does not run, in Kubernetes' words; empty if nothing is said
 * @param answer of the node in it
 */
public record Pod(
    int ordinal,
    String uid,
    String version,
    String revision,
    boolean started,
    boolean running,
    boolean ready,
    boolean deleting,
    boolean leader,
    String trouble,
    Answer answer) {
  /** The node's status, if it answered. */
  public Optional<NodeStatus> node() {
    return answer instanceof NodeStatus status ? Optional.of(status) : Optional.empty();
  }
}
