package dev.kelvin.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.kelvin.proto.etcdserverpb.TxnResponse;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.StoreError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TimedWritesTest {
  private static final Outcome SUCCEEDED =
      new Outcome.Done(TxnResponse.newBuilder().setSucceeded(true).build());

  private final FakeNode node = new FakeNode();
  private final ReadPool pool = new ReadPool(1, 4);
  private final Requests requests = new Requests(node, new Limits(1000, 8), pool);
  private final TimedWrites writes =
      new TimedWrites(new LeaseRequests(node, requests, Duration.ofSeconds(1)));

  @AfterEach
  void close() {
    pool.close();
  }

  @Test
  void whatIsWrittenHasALeaseOfTheTimeAskedFor() {
    var exchange = new RecordedExchange(false);
    var leases = new ArrayList<Long>();
    writes.write(
        60,
        exchange,
        (lease, _, inner) -> {
          leases.add(lease);
          inner.done(SUCCEEDED);
        });
    assertEquals(SUCCEEDED, exchange.answer());
    exchange.runDue();
    assertEquals(60, node.lease(leases.getFirst()).ttl());
  }

  @Test
  void aTimeBelowTheShortestLeaseIsTold() {
    var exchange = new RecordedExchange(false);
    var told = new ArrayList<Long>();
    writes.write(
        1,
        exchange,
        (lease, ttl, inner) -> {
          told.add(ttl);
          inner.done(SUCCEEDED);
        });
    exchange.answer();
    assertEquals(List.of(2L), told);
  }

  @Test
  void aRefusedPutLeavesNoLease() {
    var exchange = new RecordedExchange(false);
    writes.write(60, exchange, (lease, ttl, inner) -> inner.refuse(ApiError.NO_SPACE));
    assertEquals(ApiError.NO_SPACE, exchange.answer());
    exchange.runDue();
    assertTrue(node.leases().isEmpty());
  }

  @Test
  void aLeaseStaysWhereAPutMayBeInTheLog() {
    var exchange = new RecordedExchange(false);
    writes.write(60, exchange, (lease, ttl, inner) -> inner.refuse(ApiError.TIMEOUT));
    assertEquals(ApiError.TIMEOUT, exchange.answer());
    exchange.runDue();
    assertEquals(1, node.leases().size());
  }

  @Test
  void aPutThatComesAfterTheEndOfItsLeaseTimedOut() {
    var exchange = new RecordedExchange(false);
    writes.write(
        60, exchange, (_, _, inner) -> inner.refuse(ApiError.of(StoreError.LEASE_NOT_FOUND)));
    assertEquals(ApiError.TIMEOUT, exchange.answer());
  }

  @Test
  void aTransactionThatDidNotSucceedLeavesNoLease() {
    var exchange = new RecordedExchange(false);
    var failed = TxnResponse.newBuilder().setSucceeded(false).build();
    writes.write(60, exchange, (_, _, inner) -> inner.done(new Outcome.Done(failed)));
    assertEquals(new Outcome.Done(failed), exchange.answer());
    exchange.runDue();
    assertTrue(node.leases().isEmpty());
  }

  @Test
  void aTimeTooLongIsRefused() {
    var exchange = new RecordedExchange(false);
    writes.write(
        LeaseRequests.MAX_TTL + 1, exchange, (_, _, _) -> fail("there is no lease to write with"));
    assertEquals(ApiError.TTL_TOO_LARGE, exchange.answer());
  }
}
