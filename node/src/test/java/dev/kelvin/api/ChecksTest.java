package dev.kelvin.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.Compare;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChecksTest {
  private static final int MAX_OPS = 128;

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static RequestOp put(String key) {
    return RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setKey(bytes(key))).build();
  }

  private static RequestOp delete(String key, String end) {
    return RequestOp.newBuilder()
        .setRequestDeleteRange(
            DeleteRangeRequest.newBuilder().setKey(bytes(key)).setRangeEnd(bytes(end)))
        .build();
  }

  private static RequestOp range(String key) {
    return RequestOp.newBuilder()
        .setRequestRange(RangeRequest.newBuilder().setKey(bytes(key)))
        .build();
  }

  private static RequestOp nested(List<RequestOp> success, List<RequestOp> failure) {
    return RequestOp.newBuilder()
        .setRequestTxn(TxnRequest.newBuilder().addAllSuccess(success).addAllFailure(failure))
        .build();
  }

  private static ApiError txn(RequestOp... ops) {
    var then = TxnRequest.newBuilder().addAllSuccess(Arrays.asList(ops)).build();
    var otherwise = TxnRequest.newBuilder().addAllFailure(Arrays.asList(ops)).build();
    var error = Checks.txn(then, MAX_OPS);
    assertEquals(error, Checks.txn(otherwise, MAX_OPS), "both branches are checked alike");
    return error;
  }

  private static void assertDuplicate(RequestOp... ops) {
    assertEquals(new ApiError(3, "etcdserver: duplicate key given in txn request"), txn(ops));
  }

  private static void assertFine(RequestOp... ops) {
    assertNull(txn(ops));
  }

  @Test
  void aRangeNeedsAKeyAndAKnownSortOption() {
    var range = RangeRequest.newBuilder();
    assertEquals(new ApiError(3, "etcdserver: key is not provided"), Checks.range(range.build()));
    range.setKey(bytes("k"));
    assertNull(Checks.range(range.build()));
    var invalid = new ApiError(3, "etcdserver: invalid sort option");
    assertEquals(invalid, Checks.range(range.clone().setSortOrderValue(3).build()));
    assertEquals(invalid, Checks.range(range.clone().setSortTargetValue(5).build()));
    assertNull(Checks.range(range.clone().setSortOrderValue(2).setSortTargetValue(4).build()));
  }

  @Test
  void aPutNeedsAKeyAndNothingItAsksToIgnore() {
    var put = PutRequest.newBuilder().setValue(bytes("v")).setLease(1);
    assertEquals(new ApiError(3, "etcdserver: key is not provided"), Checks.put(put.build()));
    put.setKey(bytes("k"));
    assertNull(Checks.put(put.build()));
    assertEquals(
        new ApiError(3, "etcdserver: value is provided"),
        Checks.put(put.clone().setIgnoreValue(true).build()));
    assertEquals(
        new ApiError(3, "etcdserver: lease is provided"),
        Checks.put(put.clone().setIgnoreLease(true).build()));
    assertNull(
        Checks.put(
            put.clone()
                .clearValue()
                .clearLease()
                .setIgnoreValue(true)
                .setIgnoreLease(true)
                .build()));
  }

  @Test
  void aDeletionNeedsAKey() {
    assertEquals(ApiError.EMPTY_KEY, Checks.delete(DeleteRangeRequest.getDefaultInstance()));
  }

  @Test
  void operationsAreCountedByTheLongestListAndDownThroughNesting() {
    var tooMany = new ApiError(3, "etcdserver: too many operations in txn request");
    assertFine(Collections.nCopies(128, range("k")).toArray(RequestOp[]::new));
    assertEquals(tooMany, txn(Collections.nCopies(129, range("k")).toArray(RequestOp[]::new)));
    var compare = Compare.newBuilder().setKey(bytes("k")).build();
    var compares = TxnRequest.newBuilder().addAllCompare(Collections.nCopies(129, compare));
    assertEquals(tooMany, Checks.txn(compares.build(), MAX_OPS));
    var within = nested(Collections.nCopies(127, range("k")), List.of());
    assertFine(within);
    assertEquals(tooMany, txn(within, range("k")));
  }

  @Test
  void whatATransactionHoldsIsCheckedToo() {
    assertEquals(ApiError.EMPTY_KEY, txn(put("")));
    assertEquals(ApiError.EMPTY_KEY, txn(nested(List.of(delete("", "")), List.of())));
    assertEquals(ApiError.EMPTY_KEY, txn(nested(List.of(), List.of(range("")))));
    assertEquals(new ApiError(3, "etcdserver: key not found"), txn(RequestOp.getDefaultInstance()));
    var compare = TxnRequest.newBuilder().addCompare(Compare.getDefaultInstance()).build();
    assertEquals(ApiError.EMPTY_KEY, Checks.txn(compare, MAX_OPS));
  }

  @Test
  void aKeyIsWrittenOncePerPath() {
    assertDuplicate(put("a"), put("a"));
    assertDuplicate(put("a"), delete("a", ""));
    assertDuplicate(delete("a", ""), put("a"));
    assertDuplicate(delete("a", "c"), put("b"));
    assertDuplicate(delete("a", "c"), delete("b", "e"), put("d"));
    assertFine(put("a"), put("b"), range("a"));
    assertFine(delete("a", "c"), put("c"));
    assertFine(delete("a", "c"), delete("b", "d"));
    assertFine(delete("a", ""), put("aa"));
  }

  @Test
  void branchesExcludeEachOther() {
    var both =
        TxnRequest.newBuilder().addSuccess(put("a")).addFailure(put("a")).addFailure(put("b"));
    assertNull(Checks.txn(both.build(), MAX_OPS));
    assertFine(nested(List.of(put("a")), List.of(put("a"))));
    assertFine(nested(List.of(put("a")), List.of(delete("a", ""))));
  }

  @Test
  void nestedWritesMeetThoseAroundThem() {
    assertDuplicate(put("a"), nested(List.of(put("a")), List.of()));
    assertDuplicate(put("a"), nested(List.of(), List.of(delete("a", "b"))));
    assertDuplicate(delete("a", "b"), nested(List.of(), List.of(put("a"))));
    assertDuplicate(nested(List.of(put("a")), List.of()), nested(List.of(), List.of(put("a"))));
    assertDuplicate(
        nested(List.of(delete("a", "z")), List.of()), nested(List.of(put("c")), List.of()));
    assertDuplicate(nested(List.of(nested(List.of(put("a")), List.of())), List.of()), put("a"));
  }

  @Test
  void whatEtcdOverlooksIsRefusedToo() {
    assertDuplicate(put("b"), delete("a", "\0"));
    assertFine(put("a"), delete("b", "\0"));
    assertDuplicate(
        nested(List.of(put("c")), List.of()), nested(List.of(delete("a", "z")), List.of()));
  }

  @Test
  void anEmptyIntervalDeletesNothing() {
    assertFine(put("b"), delete("z", "a"));
  }
}
