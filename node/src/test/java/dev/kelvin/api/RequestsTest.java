package dev.kelvin.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.member.Node;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.StoreError;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RequestsTest {
  private static final int MAX_BYTES = 100;

  private final FakeNode node = new FakeNode();
  private final ReadPool pool = new ReadPool(1, 1);
  private final Requests requests = new Requests(node, new Limits(MAX_BYTES, 4), pool);
  private final RecordedExchange exchange = new RecordedExchange(false);

  @AfterEach
  void close() {
    pool.close();
  }

  private static RangeRequest range(boolean serializable) {
    return RangeRequest.newBuilder()
        .setKey(ByteString.copyFromUtf8("k"))
        .setSerializable(serializable)
        .build();
  }

  private Object put(int valueBytes) {
    var request =
        PutRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8("k"))
            .setValue(ByteString.copyFrom(new byte[valueBytes]))
            .build();
    requests.put(request, request.toByteArray(), exchange);
    return exchange.answer();
  }

  @Test
  void thePayloadIsTheArrayThatArrived() {
    var request = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")).build();
    var payload = request.toByteArray();
    requests.put(request, payload, exchange);
    assertEquals(new Outcome.PutDone(2), exchange.answer());
    assertSame(payload, node.lastPayload);
  }

  @Test
  void aRequestOfTheLimitPassesAndOneByteMoreDoesNot() {
    int envelope =
        PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("k"))
                .setValue(ByteString.copyFrom(new byte[1]))
                .build()
                .getSerializedSize()
            - 1;
    assertInstanceOf(Outcome.PutDone.class, put(MAX_BYTES - envelope));
    exchange.answers().clear();
    assertEquals(
        new ApiError(3, "etcdserver: request is too large"), put(MAX_BYTES - envelope + 1));
  }

  @ParameterizedTest
  @CsvSource({
    "TOO_MANY_REQUESTS, 8, etcdserver: too many requests",
    "TIMEOUT, 14, etcdserver: request timed out",
    "NO_LEADER, 14, etcdserver: no leader",
    "STOPPING, 14, etcdserver: server stopped"
  })
  void aFailureOfTheReplicaHasEtcdsCodeAndText(Replica.Failure failure, int code, String text) {
    node.failure = failure;
    assertEquals(new ApiError(code, text), put(1));
    var read = new RecordedExchange(false);
    requests.range(range(false), read);
    assertEquals(new ApiError(code, text), read.answer());
  }

  @ParameterizedTest
  @EnumSource(StoreError.class)
  void aRefusalOfTheStoreIsPassedOn(StoreError error) {
    node.outcome = new Outcome.Failed(error);
    assertEquals(new ApiError(error.code(), error.text()), put(1));
  }

  @Test
  void aLinearizableRangeWaitsForItsBarrierAndASerializableOneDoesNot() {
    requests.range(range(true), exchange);
    assertInstanceOf(Outcome.Done.class, exchange.answers().getFirst());
    assertEquals(0, node.barriers);
    var linearizable = new RecordedExchange(false);
    requests.range(range(false), linearizable);
    assertTrue(linearizable.answers().isEmpty(), "answered before the barrier");
    assertInstanceOf(Outcome.Done.class, linearizable.answer());
    assertEquals(1, node.barriers);
  }

  @Test
  void aSerializableRangeNeedsNoLeaderUnlessTheClientSaysSo() {
    node.leader = 0;
    requests.range(range(true), exchange);
    assertInstanceOf(Outcome.Done.class, exchange.answer());
    var insisting = new RecordedExchange(true);
    requests.range(range(true), insisting);
    assertEquals(new ApiError(14, "etcdserver: no leader"), insisting.answer());
  }

  @Test
  void aDefectInAReadIsARefusalAndNoSilence() {
    node.broken = true;
    requests.range(range(false), exchange);
    assertEquals(ApiError.INTERNAL_ERROR, exchange.answer());
    node.cold = true;
    var cold = new RecordedExchange(false);
    requests.hash(HashKVRequest.getDefaultInstance(), cold);
    assertEquals(ApiError.INTERNAL_ERROR, cold.answer());
  }

  @Test
  void aColdReadIsAnsweredOnTheLane() {
    node.cold = true;
    requests.range(range(true), exchange);
    assertTrue(exchange.answers().isEmpty(), "answered off the lane");
    assertInstanceOf(Outcome.Done.class, exchange.answer());
  }

  @Test
  void coldReadsBeyondThePoolAreRefused() throws Exception {
    node.cold = true;
    var busy = new CountDownLatch(1);
    var started = new CountDownLatch(1);
    try {
      assertTrue(
          pool.offer(
              () -> {
                started.countDown();
                try {
                  busy.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }));
      started.await();
      var queued = new RecordedExchange(false);
      requests.range(range(true), queued);
      requests.range(range(true), exchange);
      assertEquals(new ApiError(8, "etcdserver: too many requests"), exchange.answer());
      busy.countDown();
      assertInstanceOf(Outcome.Done.class, queued.answer());
    } finally {
      busy.countDown();
    }
  }

  @Test
  void aLearnerServesSerializableRangesOnly() {
    node.state = Node.State.LEARNER;
    requests.range(range(true), exchange);
    assertInstanceOf(Outcome.Done.class, exchange.answer());
    var learner = new ApiError(9, "etcdserver: rpc not supported for learner");
    var linearizable = new RecordedExchange(false);
    requests.range(range(false), linearizable);
    assertEquals(learner, linearizable.answer());
    var compact = new RecordedExchange(false);
    requests.compact(CompactionRequest.getDefaultInstance(), new byte[0], compact);
    assertEquals(learner, compact.answer());
    var hash = new RecordedExchange(false);
    requests.hash(HashKVRequest.getDefaultInstance(), hash);
    assertEquals(learner, hash.answer());
  }

  @ParameterizedTest
  @EnumSource(
      value = Node.State.class,
      names = {"WAITING", "REMOVED", "STOPPING"})
  void aNodeThatIsNoMemberIsUnavailable(Node.State state) {
    node.state = state;
    requests.range(range(true), exchange);
    var refusal = assertInstanceOf(ApiError.class, exchange.answer());
    assertEquals(14, refusal.code());
    exchange.answers().clear();
    assertEquals(refusal, put(1));
  }
}
