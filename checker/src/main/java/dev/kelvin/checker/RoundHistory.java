package dev.kelvin.checker;

import dev.kelvin.checker.Operation.Answered;
import dev.kelvin.checker.Operation.Unknown;
import dev.kelvin.checker.Request.Target;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The history of one round, in which every key is new: to the checker it is a history from the
 * beginning, once revisions are counted from the round's first one. What earlier rounds left
 * undecided may still be carried out: that many changes of no key of this round are allowed for.
 */
public final class RoundHistory {
  /** A key that nobody reads: stands for all keys of earlier rounds. */
  private static final String EARLIER = "0, of an earlier round";

  private final long base;
  private final List<Operation> operations = new ArrayList<>();

  /**
   * @param base revision of the store before the first operation
   * @param ops as the clients saw them
   * @param late how many writes of earlier rounds may have been carried out in this one
   */
  public RoundHistory(long base, List<Operation> ops, long late) {
    this.base = base;
    for (var op : ops) {
      if (op.result() instanceof Answered(long revision, Answer answer) && revision < base) {
        beforeTheRound(op, answer);
      } else {
        operations.add(rebased(op));
      }
    }
    long gaps = gaps();
    for (int i = 0; i < Math.min(late, gaps); i++) {
      operations.add(
          new Operation(
              -1 - i,
              "earlier round",
              Long.MIN_VALUE,
              Long.MAX_VALUE,
              new Request.Put(EARLIER, "", false),
              new Unknown("of an earlier round")));
    }
  }

  /** A serializable read may be answered by a member that has not come as far as this round. */
  private static void beforeTheRound(Operation op, Answer answer) {
    if (op.linearizable()) {
      throw new Violation("stale read", "answered as of before the round:\n  " + op);
    }
    if (!(answer instanceof Answer.Range range) || !range.kvs().isEmpty()) {
      throw new Violation("replay", "a key of a round to come:\n  " + op);
    }
  }

  /**
   * @throws Violation when no order explains the history
   */
  public void check() {
    check(Linearizability.SEARCHES);
  }

  /**
   * @param searches before giving up
   * @throws Violation when no order explains the history; {@link Linearizability#UNDECIDED} when it
   *     is not known whether one does
   */
  public void check(int searches) {
    Linearizability.check(operations, List.of(), searches);
  }

  /** As they are checked: revisions are counted from the round's first one, which is 1. */
  public List<Operation> operations() {
    return List.copyOf(operations);
  }

  /** Revisions that no answered write made. */
  private long gaps() {
    long last = 1;
    var writes = new HashSet<Long>();
    for (var op : operations) {
      if (op.result() instanceof Answered(long revision, Answer answer)) {
        last = Math.max(last, revision);
        if (changed(answer)) {
          writes.add(revision);
        }
      }
    }
    return last - 1 - writes.size();
  }

  /**
   * Writes of this round that nobody knows the outcome of, less the revisions that nobody was told
   * of: how many may yet be carried out, if none of an earlier round was; negative if some were.
   */
  public long undecided() {
    return operations.stream()
            .filter(op -> op.id() >= 0 && op.unknown() && !(op.request() instanceof Request.Range))
            .count()
        - gaps();
  }

  private static boolean changed(Answer answer) {
    return switch (answer) {
      case Answer.Put ignored -> true;
      case Answer.DeleteRange delete -> delete.deleted() > 0;
      case Answer.Range ignored -> false;
      case Answer.Compact ignored -> false;
      case Answer.Txn txn -> txn.answers().stream().anyMatch(RoundHistory::changed);
    };
  }

  private Operation rebased(Operation op) {
    var result =
        op.result() instanceof Answered(long revision, Answer answer)
            ? new Answered(rebased(revision), rebased(answer))
            : op.result();
    return new Operation(
        op.id(), op.client(), op.called(), op.returned(), rebased(op.request()), result);
  }

  private long rebased(long revision) {
    return revision == 0 ? 0 : revision - base + 1;
  }

  private Kv rebased(Kv kv) {
    return kv == null
        ? null
        : new Kv(kv.key(), kv.value(), rebased(kv.create()), rebased(kv.mod()), kv.version());
  }

  private Request rebased(Request request) {
    if (!(request instanceof Request.Txn txn)) {
      return request;
    }
    UnaryOperator<Request.Compare> shift =
        c ->
            c.target() == Target.MOD || c.target() == Target.CREATE
                ? new Request.Compare(
                    c.key(), c.target(), c.relation(), rebased(c.number()), c.value())
                : c;
    return new Request.Txn(
        txn.compares().stream().map(shift).toList(), txn.success(), txn.failure());
  }

  private Answer rebased(Answer answer) {
    return switch (answer) {
      case Answer.Put put -> new Answer.Put(rebased(put.previous()));
      case Answer.Range range ->
          new Answer.Range(rebased(range.kvs()), range.count(), range.more());
      case Answer.DeleteRange delete ->
          new Answer.DeleteRange(delete.deleted(), rebased(delete.previous()));
      case Answer.Compact compact -> compact;
      case Answer.Txn txn ->
          new Answer.Txn(txn.succeeded(), txn.answers().stream().map(this::rebased).toList());
    };
  }

  private List<Kv> rebased(List<Kv> kvs) {
    return kvs.stream().map(this::rebased).toList();
  }
}
