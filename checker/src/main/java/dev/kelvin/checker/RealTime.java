package dev.kelvin.checker;

import dev.kelvin.checker.Operation.Rejected;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Order in real time: what had returned before an operation was called is in its past. Looks at
 * answered operations only, so it needs no search.
 */
final class RealTime {
  private final List<Anchored> byReturn;
  private final long[] highest;

  RealTime(List<Anchored> answered) {
    byReturn = new ArrayList<>(answered);
    byReturn.sort(Comparator.comparingLong(a -> a.op().returned()));
    highest = new long[byReturn.size() + 1];
    highest[0] = 1;
    for (int i = 0; i < byReturn.size(); i++) {
      highest[i + 1] = Math.max(highest[i], byReturn.get(i).revision());
    }
  }

  /** Highest revision that anybody had been told of before that time. */
  long knownBefore(long time) {
    return highest[returnedBefore(time)];
  }

  private int returnedBefore(long time) {
    int low = 0;
    int high = byReturn.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (byReturn.get(middle).op().returned() < time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  void check() {
    for (var later : byReturn) {
      // A serializable read may be late, but see: it still is evidence for those after it.
      if (!later.op().linearizable()) {
        continue;
      }
      long known = knownBefore(later.op().called());
      if (later.writes() && later.revision() <= known) {
        throw new Violation(
            "real-time order",
            "a write took revision "
                + later.revision()
                + " though "
                + known
                + " was known before it was called:\n  "
                + later.op()
                + "\n  "
                + witness(later.op().called(), known));
      }
      if (!later.writes() && later.revision() < known) {
        throw new Violation(
            "stale read",
            "revision "
                + known
                + " was known before the call, the answer is of "
                + later.revision()
                + ":\n  "
                + later.op()
                + "\n  "
                + witness(later.op().called(), known));
      }
    }
  }

  private Operation witness(long time, long revision) {
    return byReturn.subList(0, returnedBefore(time)).stream()
        .filter(a -> a.revision() == revision)
        .findFirst()
        .orElseThrow()
        .op();
  }

  /** Checks compactions, and answers and refusals that depend on them. */
  void checkCompactions(List<Operation> history) {
    var compactions =
        history.stream()
            .filter(op -> op.request() instanceof Request.Compact)
            .filter(op -> op.unknown() || op.result() instanceof Operation.Answered)
            .toList();
    for (var op : history) {
      switch (op.request()) {
        case Request.Range range when range.revision() > 0 ->
            checkRevision(op, range.revision(), false, compactions);
        case Request.Compact compact -> checkRevision(op, compact.revision(), true, compactions);
        default -> {
          if (op.result() instanceof Rejected(var error)) {
            throw new Violation(
                "refusal", "nothing asked for can be refused with " + error + ":\n  " + op);
          }
        }
      }
    }
  }

  private void checkRevision(
      Operation op, long revision, boolean compact, List<Operation> compactions) {
    switch (op.result()) {
      case Operation.Answered(long current, Answer ignored) -> {
        if (revision > current) {
          throw new Violation("refusal", "a future revision was not refused:\n  " + op);
        }
        if (op.linearizable()) {
          compactions.stream()
              .filter(c -> c != op && !c.unknown() && c.returned() < op.called())
              .filter(c -> at(c) > revision || (compact && at(c) == revision))
              .findFirst()
              .ifPresent(
                  c -> {
                    throw new Violation(
                        "refusal", "a compacted revision was not refused:\n  " + op + "\n  " + c);
                  });
        }
      }
      case Rejected(var error) -> {
        boolean possible =
            switch (error) {
              case COMPACTED ->
                  compactions.stream()
                      .filter(c -> c != op && c.called() < op.returned())
                      .anyMatch(c -> at(c) > revision || (compact && at(c) == revision));
              case FUTURE_REVISION -> !op.linearizable() || revision > knownBefore(op.called());
            };
        if (!possible) {
          throw new Violation("refusal", "refused with " + error + " without reason:\n  " + op);
        }
      }
      case Operation.NotDone ignored -> {}
      case Operation.Unknown ignored -> {}
    }
  }

  private static long at(Operation compaction) {
    return ((Request.Compact) compaction.request()).revision();
  }
}
