package dev.kelvin.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.kelvin.proto.etcdserverpb.LeaseTimeToLiveResponse;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.Outcome;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeaseRequestsTest {
  private final FakeNode node = new FakeNode();
  private final ReadPool pool = new ReadPool(1, 4);
  private final LeaseRequests leases =
      new LeaseRequests(node, new Requests(node, new Limits(1000, 8), pool), Duration.ofSeconds(1));
  private final RecordedExchange exchange = new RecordedExchange(false);

  @AfterEach
  void close() {
    pool.close();
  }

  @Test
  void theShortestTimeOutlastsAnElectionInWholeSeconds() {
    assertEquals(2, LeaseRequests.minTtl(Duration.ofSeconds(1)));
    assertEquals(3, LeaseRequests.minTtl(Duration.ofSeconds(2)));
    assertEquals(1, LeaseRequests.minTtl(Duration.ofMillis(100)));
    assertEquals(8, LeaseRequests.minTtl(Duration.ofSeconds(5)));
  }

  private static LeaseTimeToLiveRequest withKeys(long id) {
    return LeaseTimeToLiveRequest.newBuilder().setID(id).setKeys(true).build();
  }

  @Test
  void keysAreReadAfterABarrier() {
    node.lease(5, 60, List.of(ByteString.copyFromUtf8("a")));
    leases.timeToLive(withKeys(5), exchange);
    var done = assertInstanceOf(Outcome.Done.class, exchange.answer());
    var shown = (LeaseTimeToLiveResponse) done.response();
    assertEquals(List.of(ByteString.copyFromUtf8("a")), shown.getKeysList());
    assertEquals(60, shown.getTTL());
    assertEquals(1, node.barriers);
  }

  @Test
  void aLeaseThatEndedBeforeItsKeysAreReadIsUnknown() {
    node.lease(5, 60, null);
    leases.timeToLive(withKeys(5), exchange);
    var done = assertInstanceOf(Outcome.Done.class, exchange.answer());
    var shown = (LeaseTimeToLiveResponse) done.response();
    assertEquals(-1, shown.getTTL());
    assertEquals(0, shown.getGrantedTTL());
  }

  @Test
  void withoutABarrierThereAreNoKeys() {
    node.lease(5, 60, List.of());
    node.failure = Replica.Failure.TIMEOUT;
    leases.timeToLive(withKeys(5), exchange);
    assertEquals(ApiError.TIMEOUT, exchange.answer());
  }
}
