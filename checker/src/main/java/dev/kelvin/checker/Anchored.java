package dev.kelvin.checker;

import dev.kelvin.checker.Operation.Answered;
import java.util.List;

/**
 * An answered operation at the revision its answer names.
 *
 * @param writes whether it made that revision, or only saw it
 */
record Anchored(Operation op, long revision, Answer answer, boolean writes) {

  static List<Anchored> of(List<Operation> history) {
    return history.stream()
        .filter(op -> op.result() instanceof Answered)
        .map(
            op -> {
              var answered = (Answered) op.result();
              return new Anchored(
                  op, answered.revision(), answered.answer(), writes(answered.answer()));
            })
        .toList();
  }

  /** The answer alone tells whether the request changed something. */
  private static boolean writes(Answer answer) {
    return switch (answer) {
      case Answer.Put ignored -> true;
      case Answer.DeleteRange delete -> delete.deleted() > 0;
      case Answer.Range ignored -> false;
      case Answer.Compact ignored -> false;
      case Answer.Txn txn -> txn.answers().stream().anyMatch(Anchored::writes);
    };
  }
}
