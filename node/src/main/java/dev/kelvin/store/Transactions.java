package dev.kelvin.store;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.Compare;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;
import dev.kelvin.proto.etcdserverpb.ResponseOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.proto.etcdserverpb.TxnResponse;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;

/**
 * Transactions, nested ones too. All compares, at every level, look at the state before the whole;
 * then everything on the chosen path is checked; only then is anything done.
 */
final class Transactions {
  private final View before;
  private final Writes writes;
  private final long compacted;

  /** Outcome of the compares on the chosen path, in the order in which they are met. */
  private final ArrayDeque<Boolean> path = new ArrayDeque<>();

  private final Pending pending;

  Transactions(Pending pending, Writes writes, long compacted) {
    this.pending = pending;
    this.before = pending;
    this.writes = writes;
    this.compacted = compacted;
  }

  /** Whether it reads at a revision of its own choice, which takes all history in the database. */
  static boolean readsHistory(TxnRequest request) {
    return readsHistory(request.getSuccessList()) || readsHistory(request.getFailureList());
  }

  private static boolean readsHistory(List<RequestOp> ops) {
    for (var op : ops) {
      if (op.hasRequestRange() && op.getRequestRange().getRevision() > 0
          || op.hasRequestTxn() && readsHistory(op.getRequestTxn())) {
        return true;
      }
    }
    return false;
  }

  Outcome run(TxnRequest request) {
    choose(request);
    var fault = check(request, new ArrayDeque<>(path));
    if (fault != null) {
      return new Outcome.Failed(fault);
    }
    var response = execute(request);
    return new Outcome.Done(response.setHeader(writes.header()).build());
  }

  private static List<RequestOp> branch(TxnRequest request, boolean succeeded) {
    return succeeded ? request.getSuccessList() : request.getFailureList();
  }

  private void choose(TxnRequest request) {
    boolean succeeded = true;
    for (var compare : request.getCompareList()) {
      if (!holds(compare)) {
        succeeded = false;
        break;
      }
    }
    path.add(succeeded);
    for (var op : branch(request, succeeded)) {
      if (op.hasRequestTxn()) {
        choose(op.getRequestTxn());
      }
    }
  }

  private StoreError check(TxnRequest request, ArrayDeque<Boolean> left) {
    for (var op : branch(request, left.remove())) {
      var fault =
          switch (op.getRequestCase()) {
            case REQUEST_RANGE ->
                Ranges.check(op.getRequestRange().getRevision(), writes.base(), compacted);
            case REQUEST_PUT -> Writes.check(before, op.getRequestPut());
            case REQUEST_TXN -> check(op.getRequestTxn(), left);
            default -> null;
          };
      if (fault != null) {
        return fault;
      }
    }
    return null;
  }

  private TxnResponse.Builder execute(TxnRequest request) {
    boolean succeeded = path.remove();
    var response = TxnResponse.newBuilder().setSucceeded(succeeded);
    for (var op : branch(request, succeeded)) {
      response.addResponses(execute(op));
    }
    return response;
  }

  private ResponseOp.Builder execute(RequestOp op) {
    var response = ResponseOp.newBuilder();
    switch (op.getRequestCase()) {
      case REQUEST_RANGE ->
          response.setResponseRange(
              Ranges.range(pending, op.getRequestRange(), writes.revision(), writes.base() + 1));
      case REQUEST_PUT -> response.setResponsePut(writes.put(op.getRequestPut(), true));
      case REQUEST_DELETE_RANGE ->
          response.setResponseDeleteRange(writes.delete(op.getRequestDeleteRange()));
      case REQUEST_TXN ->
          response.setResponseTxn(
              execute(op.getRequestTxn()).setHeader(ResponseHeader.getDefaultInstance()));
      default -> {
        // An empty request answers nothing.
      }
    }
    return response;
  }

  private boolean holds(Compare compare) {
    if (KeyRange.single(compare.getRangeEnd())) {
      var key = compare.getKey().toByteArray();
      return holds(compare, before.newest(key));
    }
    var all = new boolean[] {true};
    var any = new boolean[1];
    before.newest(
        KeyRange.of(compare.getKey(), compare.getRangeEnd()),
        (key, version) -> {
          any[0] = true;
          all[0] = holds(compare, version);
          return all[0];
        });
    return any[0] ? all[0] : holds(compare, null);
  }

  private boolean holds(Compare compare, Version version) {
    int result;
    switch (compare.getTarget()) {
      case VALUE -> {
        if (version == null) {
          // No way to say "missing": an absent value equals nothing and differs from nothing.
          return false;
        }
        var value = before.event(version.mod(), version.sub()).value();
        result = ByteString.unsignedLexicographicalComparator().compare(value, compare.getValue());
      }
      case CREATE ->
          result =
              Long.compare(version == null ? 0 : version.create(), compare.getCreateRevision());
      case MOD ->
          result = Long.compare(version == null ? 0 : version.mod(), compare.getModRevision());
      case VERSION ->
          result = Long.compare(version == null ? 0 : version.version(), compare.getVersion());
      case LEASE ->
          result = Long.compare(version == null ? 0 : version.lease(), compare.getLease());
      default -> result = 0;
    }
    return switch (Objects.requireNonNull(compare.getResult())) {
      case EQUAL -> result == 0;
      case NOT_EQUAL -> result != 0;
      case GREATER -> result > 0;
      case LESS -> result < 0;
      default -> true;
    };
  }
}
