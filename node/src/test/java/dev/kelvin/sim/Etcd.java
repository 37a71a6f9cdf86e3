package dev.kelvin.sim;

import dev.kelvin.checker.Answer;
import dev.kelvin.checker.Operation.Answered;
import dev.kelvin.checker.Operation.NotDone;
import dev.kelvin.checker.Operation.Rejected;
import dev.kelvin.checker.Operation.Result;
import dev.kelvin.checker.Refusal;
import dev.kelvin.checker.Request;
import dev.kelvin.checker.client.Messages;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.StoreError;

/** Between the checker's plain records and what replicas take and give. */
final class Etcd {
  private Etcd() {}

  static CommandKind kind(Request request) {
    return switch (request) {
      case Request.Put ignored -> CommandKind.PUT;
      case Request.DeleteRange ignored -> CommandKind.DELETE_RANGE;
      case Request.Txn ignored -> CommandKind.TXN;
      case Request.Compact ignored -> CommandKind.COMPACT;
      case Request.Range ignored ->
          throw new IllegalArgumentException("a range is read, not proposed");
    };
  }

  static byte[] payload(Request request) {
    return switch (request) {
      case Request.Put put -> Messages.put(put).toByteArray();
      case Request.DeleteRange delete -> Messages.delete(delete).toByteArray();
      case Request.Txn txn -> Messages.txn(txn).toByteArray();
      case Request.Compact compact -> Messages.compaction(compact).toByteArray();
      case Request.Range range -> Messages.range(range).toByteArray();
    };
  }

  static Result result(Outcome outcome) {
    return switch (outcome) {
      case Outcome.PutDone(long revision) -> new Answered(revision, new Answer.Put(null));
      // Of an alarm the checker knows nothing: it only has to have had no effect.
      case Outcome.Failed(var error) when error == StoreError.NO_SPACE -> new NotDone(error.name());
      case Outcome.Failed(var error) -> new Rejected(Refusal.of(error.text()));
      case Outcome.MemberDone _, Outcome.DutyDone _ ->
          throw new IllegalStateException("no answer to a client's request: " + outcome);
      case Outcome.Done(var response) -> Messages.answered(response);
    };
  }
}
