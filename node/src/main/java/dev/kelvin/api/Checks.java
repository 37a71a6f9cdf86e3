package dev.kelvin.api;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import java.util.List;

/**
 * What can be said against a request without looking at data. Every method returns the error, or
 * null. In order of checks as etcd's {@code server/etcdserver/api/v3rpc/key.go}, so that a request
 * with two faults gets the same answer.
 */
final class Checks {
  private Checks() {}

  static ApiError range(RangeRequest request) {
    if (request.getKey().isEmpty()) {
      return ApiError.EMPTY_KEY;
    }
    if (request.getSortOrder() == RangeRequest.SortOrder.UNRECOGNIZED
        || request.getSortTarget() == RangeRequest.SortTarget.UNRECOGNIZED) {
      return ApiError.INVALID_SORT;
    }
    return null;
  }

  /** Of a range that is answered in parts, in the order of its keys. */
  static ApiError stream(RangeRequest request) {
    var error = range(request);
    if (error != null) {
      return error;
    }
    boolean ordered =
        request.getSortTarget() != RangeRequest.SortTarget.KEY
            || request.getSortOrder() == RangeRequest.SortOrder.DESCEND;
    if (ordered) {
      return ApiError.STREAM_SORTED;
    }
    boolean filtered =
        request.getMinModRevision() != 0
            || request.getMaxModRevision() != 0
            || request.getMinCreateRevision() != 0
            || request.getMaxCreateRevision() != 0;
    return filtered ? ApiError.STREAM_FILTERED : null;
  }

  static ApiError put(PutRequest request) {
    if (request.getKey().isEmpty()) {
      return ApiError.EMPTY_KEY;
    }
    if (request.getIgnoreValue() && !request.getValue().isEmpty()) {
      return ApiError.VALUE_PROVIDED;
    }
    if (request.getIgnoreLease() && request.getLease() != 0) {
      return ApiError.LEASE_PROVIDED;
    }
    return null;
  }

  static ApiError delete(DeleteRangeRequest request) {
    return request.getKey().isEmpty() ? ApiError.EMPTY_KEY : null;
  }

  static ApiError txn(TxnRequest request, int maxOps) {
    var error = shape(request, maxOps);
    return error != null ? error : overlaps(request);
  }

  private static ApiError shape(TxnRequest request, int maxOps) {
    int ops =
        Math.max(
            request.getCompareCount(),
            Math.max(request.getSuccessCount(), request.getFailureCount()));
    if (ops > maxOps) {
      return ApiError.TOO_MANY_OPS;
    }
    for (var compare : request.getCompareList()) {
      if (compare.getKey().isEmpty()) {
        return ApiError.EMPTY_KEY;
      }
    }
    var error = shape(request.getSuccessList(), maxOps - ops);
    return error != null ? error : shape(request.getFailureList(), maxOps - ops);
  }

  private static ApiError shape(List<RequestOp> ops, int maxOps) {
    for (var op : ops) {
      var error =
          switch (op.getRequestCase()) {
            case REQUEST_RANGE -> range(op.getRequestRange());
            case REQUEST_PUT -> put(op.getRequestPut());
            case REQUEST_DELETE_RANGE -> delete(op.getRequestDeleteRange());
            case REQUEST_TXN -> shape(op.getRequestTxn(), maxOps);
            case REQUEST_NOT_SET -> ApiError.KEY_NOT_FOUND;
          };
      if (error != null) {
        return error;
      }
    }
    return null;
  }

  private static ApiError overlaps(TxnRequest request) {
    // A single operation, the common case, overlaps nothing.
    if (simple(request.getSuccessList()) && simple(request.getFailureList())) {
      return null;
    }
    boolean clash =
        Writes.of(request.getSuccessList()) == null || Writes.of(request.getFailureList()) == null;
    return clash ? ApiError.DUPLICATE_KEY : null;
  }

  private static boolean simple(List<RequestOp> ops) {
    return ops.isEmpty()
        || ops.size() == 1 && ops.getFirst().getRequestCase() != RequestOp.RequestCase.REQUEST_TXN;
  }

  /** Whether a range end of the API means "no end". */
  static boolean unbounded(ByteString rangeEnd) {
    return rangeEnd.size() == 1 && rangeEnd.byteAt(0) == 0;
  }
}
