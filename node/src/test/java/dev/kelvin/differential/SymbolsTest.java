package dev.kelvin.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import org.junit.jupiter.api.Test;

class SymbolsTest {
  private static final ByteString KEY = ByteString.copyFromUtf8("k");
  private static final RequestOp PUT =
      RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setKey(KEY)).build();

  private static RequestOp deletion(ByteString end) {
    return RequestOp.newBuilder()
        .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(KEY).setRangeEnd(end))
        .build();
  }

  private static RequestOp nested(RequestOp op) {
    return RequestOp.newBuilder().setRequestTxn(TxnRequest.newBuilder().addFailure(op)).build();
  }

  private static TxnRequest txn(RequestOp... ops) {
    var txn = TxnRequest.newBuilder();
    for (var op : ops) {
      txn.addSuccess(op);
    }
    return txn.build();
  }

  @Test
  void numbersThatStandForSomethingAreReplacedAtEveryDepth() {
    var range = RangeRequest.newBuilder().setRevision(Symbols.NOW - 3).setLimit(7).build();
    var request = txn(nested(RequestOp.newBuilder().setRequestRange(range).build()));
    var resolved =
        Symbols.resolve(
            request, value -> Symbols.near(value, Symbols.NOW) ? 50 + value - Symbols.NOW : value);
    assertEquals(
        txn(
            nested(
                RequestOp.newBuilder().setRequestRange(range.toBuilder().setRevision(47)).build())),
        resolved);
  }

  @Test
  void numbersThatStandForSomethingArePrintedAsWords() {
    assertEquals(
        "limit: 7 revision: now-3",
        Symbols.print(RangeRequest.newBuilder().setLimit(7).setRevision(Symbols.NOW - 3).build()));
    assertEquals(
        "lease: lease#2",
        Symbols.print(PutRequest.newBuilder().setLease(Symbols.LEASE + 2).build()));
  }

  @Test
  void onlyTheCornersThatEtcdOverlooksMayBeRefusedByKelvinAlone() {
    assertTrue(Deliberate.overlap(txn(PUT, deletion(Requests.ENDLESS))));
    assertTrue(Deliberate.overlap(txn(nested(PUT), nested(deletion(ByteString.EMPTY)))));
    assertTrue(Deliberate.overlap(txn(nested(nested(PUT)), deletion(Requests.ENDLESS))));
    assertFalse(Deliberate.overlap(txn(PUT, deletion(ByteString.EMPTY))));
    assertFalse(Deliberate.overlap(txn(nested(PUT), deletion(ByteString.EMPTY))));
    assertFalse(Deliberate.overlap(txn(PUT, PUT)));
    assertFalse(Deliberate.overlap(txn(deletion(Requests.ENDLESS))));
  }
}
