package dev.kelvin.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.Alarm;
import dev.kelvin.store.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SpaceQuotaTest {
  private static final long QUOTA = 10_000;
  private static final Alarm ALARM = new Alarm(FakeNode.MEMBER, Alarm.NOSPACE);

  private final FakeNode node = new FakeNode();
  private final ReadPool pool = new ReadPool(1, 4);
  private final Requests requests = new Requests(node, new Limits(100_000, 8, QUOTA), pool);
  private long nanos = -5;
  private final SpaceQuota quota = new SpaceQuota(node, QUOTA, () -> nanos);

  @AfterEach
  void close() {
    pool.close();
  }

  private static ByteString bytes(int size) {
    return ByteString.copyFrom(new byte[size]);
  }

  private static PutRequest put(int key, int value) {
    return PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value)).build();
  }

  private static RequestOp op(PutRequest put) {
    return RequestOp.newBuilder().setRequestPut(put).build();
  }

  private Object putInto(PutRequest put) {
    var exchange = new RecordedExchange(false);
    requests.put(put, put.toByteArray(), exchange);
    return exchange.answer();
  }

  @Test
  void aRequestCostsAsMuchAsInEtcd() {
    assertEquals(256 + 3 + 10, SpaceQuota.cost(put(3, 10)));
    var nested = TxnRequest.newBuilder().addFailure(op(put(1, 1000)));
    var txn =
        TxnRequest.newBuilder()
            .addSuccess(op(put(1, 1)))
            .addSuccess(op(put(1, 2)))
            .addFailure(op(put(1, 3)))
            .addFailure(RequestOp.newBuilder().setRequestTxn(nested))
            .build();
    assertEquals(256 + 1 + 3 + 256 + 1 + 1000, SpaceQuota.cost(txn));
    var reads =
        TxnRequest.newBuilder()
            .addSuccess(RequestOp.newBuilder().setRequestRange(RangeRequest.getDefaultInstance()))
            .build();
    assertEquals(0, SpaceQuota.cost(reads));
  }

  @Test
  void whatWasLetThroughCountsUntilTheNextLook() {
    node.sizeInUse = 4000;
    assertTrue(quota.takes(3000));
    assertFalse(quota.takes(3000), "the last byte stays free");
    assertTrue(quota.takes(2999));
    assertTrue(quota.takes(0));
    nanos += TimeUnit.MILLISECONDS.toNanos(99);
    assertFalse(quota.takes(1));
    nanos += TimeUnit.MILLISECONDS.toNanos(1);
    assertTrue(quota.takes(5000));
    nanos += TimeUnit.MILLISECONDS.toNanos(100);
    node.sizeInUse = QUOTA;
    assertFalse(quota.takes(1));
    assertTrue(quota.takes(0));
  }

  @Test
  void withoutAQuotaNothingIsTooMuch() {
    node.sizeInUse = Long.MAX_VALUE;
    assertTrue(new SpaceQuota(node, 0, () -> nanos).takes(Long.MAX_VALUE));
  }

  @Test
  void aPutTooManyIsRefusedOnceTheAlarmStands() {
    assertInstanceOf(Outcome.PutDone.class, putInto(put(1, 8000)));
    assertEquals(ApiError.NO_SPACE, putInto(put(1, 8000)));
    assertEquals(List.of(ALARM), node.alarms);
    node.lastPayload = null;
    assertEquals(ApiError.NO_SPACE, putInto(put(1, 8000)));
    assertNull(node.lastPayload, "neither the put nor the alarm is proposed again");
    assertEquals(List.of(ALARM), node.alarms);
  }

  @Test
  void anAlarmThatCannotBeRaisedIsRaisedByTheNext() {
    node.sizeInUse = QUOTA;
    node.failure = Replica.Failure.TIMEOUT;
    assertEquals(ApiError.NO_SPACE, putInto(put(1, 1)));
    assertEquals(List.of(), node.alarms);
    node.failure = null;
    assertEquals(ApiError.NO_SPACE, putInto(put(1, 1)));
    assertEquals(List.of(ALARM), node.alarms);
  }

  @Test
  void transactionsThatPutAndLeasesAreRefusedDeletesAreNot() {
    node.sizeInUse = QUOTA;
    var exchange = new RecordedExchange(false);
    var txn = TxnRequest.newBuilder().addFailure(op(put(1, 1))).build();
    requests.txn(txn, txn.toByteArray(), exchange);
    assertEquals(ApiError.NO_SPACE, exchange.answer());
    exchange = new RecordedExchange(false);
    new LeaseRequests(node, requests, Duration.ofSeconds(1))
        .grant(LeaseGrantRequest.newBuilder().setTTL(9).build(), exchange);
    assertEquals(ApiError.NO_SPACE, exchange.answer());
    exchange = new RecordedExchange(false);
    var delete = DeleteRangeRequest.newBuilder().setKey(bytes(1)).build();
    requests.delete(delete, delete.toByteArray(), exchange);
    assertInstanceOf(Outcome.Done.class, exchange.answer());
  }
}
