package dev.kelvin.checker;

import java.util.List;

/**
 * Decides whether a history of etcd's KV service is linearizable. The answers carry the one global
 * revision, which orders all that was answered; only writes of unknown outcome have to be searched
 * for among the revisions that nobody was told of. Values put must be unique in the history.
 *
 * <p>What is checked: order in real time among answered operations (serializable reads may be late
 * but never ahead); every answer against a model replayed revision by revision, so also that no
 * write is lost, carried out twice, or invented; refusals for compacted and future revisions. A
 * history should end with a linearizable read of everything, or a lost last write goes unseen.
 */
public final class Linearizability {
  /** The {@link Violation#check} of a history that was not decided: it may be in order. */
  public static final String UNDECIDED = "undecided";

  /** Searches before giving up; a history that needs more is badly designed. */
  static final int SEARCHES = 50;

  private Linearizability() {}

  /**
   * @throws Violation when no order explains the history
   */
  public static void check(List<Operation> history) {
    check(history, List.of());
  }

  /**
   * @param claimed writes in the order in which the system says that it carried them out. Nothing
   *     is believed: it is only tried first, and spares the search where it is true
   * @throws Violation when no order explains the history
   */
  public static void check(List<Operation> history, List<Request> claimed) {
    check(history, claimed, SEARCHES);
  }

  static void check(List<Operation> history, List<Request> claimed, int searches) {
    var answered = Anchored.of(history);
    var realTime = new RealTime(answered);
    realTime.check();
    realTime.checkCompactions(history);
    new Replay(history, answered, realTime, ClaimedOrder.of(claimed)).check(searches);
  }
}
