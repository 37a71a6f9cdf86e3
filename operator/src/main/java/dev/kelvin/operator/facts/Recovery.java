package dev.kelvin.operator.facts;

/**
 * A recovery from a lost quorum that was asked for; in the status and on the StatefulSet, so that
 * it happens once whatever is wiped.
 *
 * @param name as asked
 * @param outcome how far it came
 * @param survivor ordinal of the pod
 * @param member its member ID
 * @param from cluster that lost its quorum
 * @param to cluster that goes on
 */
public record Recovery(
    String name, Outcome outcome, int survivor, long member, long from, long to) {
  /** How far a recovery came. */
  public enum Outcome {
    /** Decided; being carried out. */
    BEGUN,
    DONE,
    /** A quorum answered when it was asked for: spent, not kept for a later day. */
    REFUSED
  }

  public Recovery with(Outcome now) {
    return new Recovery(name, now, survivor, member, from, to);
  }
}
