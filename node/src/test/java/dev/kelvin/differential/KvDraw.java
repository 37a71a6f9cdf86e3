package dev.kelvin.differential;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.Compare;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;

/** Draws requests about keys. */
final class KvDraw {
  private static final int DEEPEST = 2;

  private final Draw draw;

  KvDraw(Draw draw) {
    this.draw = draw;
  }

  PutRequest.Builder put() {
    var put = PutRequest.newBuilder().setKey(draw.key()).setPrevKv(draw.one(3));
    if (draw.one(7)) {
      put.setIgnoreValue(true);
    }
    if (!put.getIgnoreValue() || draw.one(8)) {
      put.setValue(draw.value());
    }
    if (draw.one(7)) {
      put.setIgnoreLease(true);
    }
    if (draw.one(put.getIgnoreLease() ? 8 : 4)) {
      put.setLease(draw.lease());
    }
    return put;
  }

  DeleteRangeRequest.Builder delete() {
    return DeleteRangeRequest.newBuilder()
        .setKey(draw.key())
        .setRangeEnd(draw.end())
        .setPrevKv(draw.one(2));
  }

  RangeRequest.Builder range() {
    var range =
        RangeRequest.newBuilder()
            .setKey(draw.key())
            .setRangeEnd(draw.end())
            .setSerializable(draw.one(5))
            .setKeysOnly(draw.one(6))
            .setCountOnly(draw.one(8));
    if (draw.one(3)) {
      range.setLimit(draw.of(1L, 2L, 3L, 100L, -1L, Long.MAX_VALUE));
    }
    if (draw.one(3)) {
      range.setRevision(draw.revision());
    }
    if (draw.one(3)) {
      range.setSortOrderValue(draw.one(25) ? draw.of(3, -1) : draw.upTo(3));
      range.setSortTargetValue(draw.one(25) ? draw.of(5, -1) : draw.upTo(5));
    }
    if (draw.one(8)) {
      range.setMinModRevision(draw.revision());
    }
    if (draw.one(8)) {
      range.setMaxModRevision(draw.revision());
    }
    if (draw.one(8)) {
      range.setMinCreateRevision(draw.revision());
    }
    if (draw.one(8)) {
      range.setMaxCreateRevision(draw.revision());
    }
    return range;
  }

  TxnRequest.Builder txn(int depth) {
    var txn = TxnRequest.newBuilder();
    for (int i = draw.upTo(3); i > 0; i--) {
      txn.addCompare(compare());
    }
    for (int i = draw.upTo(5); i > 0; i--) {
      txn.addSuccess(op(depth));
    }
    for (int i = draw.upTo(4); i > 0; i--) {
      txn.addFailure(op(depth));
    }
    return txn;
  }

  private RequestOp.Builder op(int depth) {
    var op = RequestOp.newBuilder();
    int kind = draw.upTo(depth < DEEPEST ? 20 : 16);
    if (kind < 7) {
      op.setRequestPut(put());
    } else if (kind < 13) {
      op.setRequestRange(range());
    } else if (kind < 16) {
      op.setRequestDeleteRange(delete());
    } else if (!draw.one(20)) {
      op.setRequestTxn(txn(depth + 1));
    }
    return op;
  }

  private Compare.Builder compare() {
    var compare =
        Compare.newBuilder()
            .setKey(draw.key())
            .setResultValue(draw.one(40) ? 9 : draw.upTo(4))
            .setTargetValue(draw.one(40) ? 9 : draw.upTo(5));
    if (draw.one(4)) {
      compare.setRangeEnd(draw.end());
    }
    // Mostly what the target is compared with; else something that does not belong to it.
    switch (draw.one(12) ? draw.upTo(6) : compare.getTargetValue()) {
      case 0 -> compare.setVersion(draw.of(0L, 1L, 2L, 3L, -1L));
      case 1 -> compare.setCreateRevision(draw.one(4) ? 0 : draw.revision());
      case 2 -> compare.setModRevision(draw.one(4) ? 0 : draw.revision());
      case 3 -> compare.setValue(draw.value());
      case 4 -> lease(compare);
      default -> compare.clearTargetUnion();
    }
    return compare;
  }

  /** Which of two IDs that servers chose is the less is chance, so these are only held equal. */
  private void lease(Compare.Builder compare) {
    compare.setLease(draw.lease());
    if (Symbols.near(compare.getLease(), Symbols.LEASE)
        && (compare.getResult() == Compare.CompareResult.LESS
            || compare.getResult() == Compare.CompareResult.GREATER)) {
      compare.setResult(Compare.CompareResult.EQUAL);
    }
  }

  /**
   * A transaction that only reads.
   *
   * @param nested operations of a transaction in it
   */
  TxnRequest.Builder many(int count, int nested) {
    var txn = TxnRequest.newBuilder();
    for (int i = nested == 0 ? 0 : 1; i < count; i++) {
      txn.addSuccess(RequestOp.newBuilder().setRequestRange(range()));
    }
    if (nested > 0) {
      txn.addSuccess(RequestOp.newBuilder().setRequestTxn(many(nested, 0)));
    }
    return txn;
  }

  TxnRequest.Builder puts(ByteString value, String... keys) {
    var txn = TxnRequest.newBuilder();
    for (var key : keys) {
      txn.addSuccess(
          RequestOp.newBuilder()
              .setRequestPut(
                  PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).setValue(value)));
    }
    return txn;
  }
}
