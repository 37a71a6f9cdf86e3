package dev.kelvin.store;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.Compare;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;
import dev.kelvin.proto.etcdserverpb.ResponseOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.proto.etcdserverpb.TxnResponse;
import java.util.ArrayDeque;
import java.util.List;

/**
 * One transaction, nested ones included. All compares are decided, and all refusals found, before
 * the first effect.
 */
final class Txn {
  private final Applier applier;
  private final boolean wanted;

  /** What the compares of each transaction said, in the order in which they are met. */
  private final ArrayDeque<Boolean> path = new ArrayDeque<>();

  Txn(Applier applier, boolean wanted) {
    this.applier = applier;
    this.wanted = wanted;
  }

  Outcome run(TxnRequest request) {
    decide(request);
    var error = check(request, new ArrayDeque<>(path));
    if (error != null) {
      return new Outcome.Failed(error);
    }
    applier.counts().txn();
    var response = execute(request);
    return wanted
        ? new Outcome.Done(response.setHeader(Applier.header(applier.revisionSoFar())).build())
        : null;
  }

  private void decide(TxnRequest request) {
    boolean succeeded = request.getCompareList().stream().allMatch(this::holds);
    path.add(succeeded);
    for (var op : branch(request, succeeded)) {
      if (op.hasRequestTxn()) {
        decide(op.getRequestTxn());
      }
    }
  }

  private StoreError check(TxnRequest request, ArrayDeque<Boolean> decisions) {
    for (var op : branch(request, decisions.remove())) {
      var error =
          switch (op.getRequestCase()) {
            case REQUEST_RANGE -> checkRange(op.getRequestRange());
            case REQUEST_PUT -> applier.checkPut(op.getRequestPut());
            case REQUEST_TXN -> check(op.getRequestTxn(), decisions);
            case REQUEST_DELETE_RANGE, REQUEST_NOT_SET -> null;
          };
      if (error != null) {
        return error;
      }
    }
    return null;
  }

  private StoreError checkRange(RangeRequest request) {
    long revision = request.getRevision();
    // As in etcd: below 0 is before every compaction here, and the current one in a plain range.
    return revision < 0 && revision < applier.state().compact()
        ? StoreError.COMPACTED
        : Ranges.refusal(applier.state(), revision);
  }

  /** As in etcd, the header of a nested transaction is there, but empty. */
  private TxnResponse.Builder execute(TxnRequest request) {
    boolean succeeded = path.remove();
    var response =
        TxnResponse.newBuilder()
            .setHeader(ResponseHeader.getDefaultInstance())
            .setSucceeded(succeeded);
    for (var op : branch(request, succeeded)) {
      var done = execute(op);
      if (wanted) {
        response.addResponses(done);
      }
    }
    return response;
  }

  private ResponseOp.Builder execute(RequestOp op) {
    var response = ResponseOp.newBuilder();
    switch (op.getRequestCase()) {
      case REQUEST_RANGE -> {
        if (wanted) {
          applier.counts().range();
          response.setResponseRange(
              Ranges.answer(applier.state(), op.getRequestRange(), applier.revisionSoFar()));
        }
      }
      case REQUEST_PUT -> {
        var previous = applier.put(op.getRequestPut());
        if (wanted) {
          response.setResponsePut(applier.putResponse(op.getRequestPut(), previous));
        }
      }
      case REQUEST_DELETE_RANGE ->
          response.setResponseDeleteRange(applier.delete(op.getRequestDeleteRange(), wanted));
      case REQUEST_TXN -> response.setResponseTxn(execute(op.getRequestTxn()));
      case REQUEST_NOT_SET -> {
        // The front door refuses it; here it does nothing, on every member alike.
      }
    }
    return response;
  }

  private static List<RequestOp> branch(TxnRequest request, boolean succeeded) {
    return succeeded ? request.getSuccessList() : request.getFailureList();
  }

  private boolean holds(Compare compare) {
    var state = applier.state();
    if (Ranges.single(compare.getRangeEnd())) {
      var version = state.current(compare.getKey());
      return version == null ? holdsForAbsent(compare) : holds(compare, version);
    }
    boolean any = false;
    try (var scan =
        state.scan(compare.getKey(), Ranges.end(compare.getRangeEnd()), Long.MAX_VALUE)) {
      while (scan.next()) {
        any = true;
        if (!holds(compare, scan.version())) {
          return false;
        }
      }
    }
    return any || holdsForAbsent(compare);
  }

  /** No key: no value satisfies anything, and numbers are 0. */
  private boolean holdsForAbsent(Compare compare) {
    return compare.getTarget() != Compare.CompareTarget.VALUE
        && holds(compare, new Version(0, 0, 0, 0, 0, ByteString.EMPTY));
  }

  private boolean holds(Compare compare, Version version) {
    int order =
        switch (compare.getTarget()) {
          case VALUE ->
              ByteString.unsignedLexicographicalComparator()
                  .compare(applier.state().withValue(version).value(), compare.getValue());
          case CREATE -> Long.compare(version.create(), compare.getCreateRevision());
          case MOD -> Long.compare(version.mod(), compare.getModRevision());
          case VERSION -> Long.compare(version.version(), compare.getVersion());
          case LEASE -> Long.compare(version.lease(), compare.getLease());
          case UNRECOGNIZED -> 0;
        };
    return switch (compare.getResult()) {
      case EQUAL -> order == 0;
      case NOT_EQUAL -> order != 0;
      case GREATER -> order > 0;
      case LESS -> order < 0;
      case UNRECOGNIZED -> true;
    };
  }
}
