package dev.kelvin.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.KVGrpc;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.PutResponse;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.WatchGrpc;
import dev.kelvin.proto.etcdserverpb.WatchRequest;
import dev.kelvin.proto.etcdserverpb.WatchResponse;
import dev.kelvin.proto.mvccpb.KeyValue;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against grpc-java's server. */
class ClientTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final PutRequest PUT =
      PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")).build();
  private static final RangeRequest RANGE =
      RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")).build();

  private final List<Server> servers = new ArrayList<>();
  private final List<AutoCloseable> others = new ArrayList<>();
  private final AtomicInteger asked = new AtomicInteger();

  @AfterEach
  void close() throws Exception {
    servers.forEach(Server::shutdownNow);
    for (var other : others) {
      other.close();
    }
  }

  /** Answers a put as told, and a range with the length of its key, many times. */
  private Endpoint server(Supplier<Status> put) throws IOException {
    var kv =
        new KVGrpc.KVImplBase() {
          @Override
          public void put(PutRequest request, StreamObserver<PutResponse> answers) {
            answer(PutResponse.getDefaultInstance(), answers);
          }

          @Override
          public void range(RangeRequest request, StreamObserver<RangeResponse> answers) {
            answer(
                RangeResponse.newBuilder()
                    .setCount(request.getKey().size())
                    .addKvs(KeyValue.newBuilder().setValue(request.getKey()))
                    .build(),
                answers);
          }

          private <T> void answer(T answer, StreamObserver<T> answers) {
            asked.incrementAndGet();
            var status = put.get();
            if (status.isOk()) {
              answers.onNext(answer);
              answers.onCompleted();
            } else {
              answers.onError(status.asRuntimeException());
            }
          }
        };
    var server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .maxInboundMessageSize(32 << 20)
            .addService(kv)
            .addService(new Echo())
            .build()
            .start();
    servers.add(server);
    return new Endpoint("127.0.0.1", server.getPort());
  }

  /** One answer for each request, until a cancel request, which ends it with success. */
  private static final class Echo extends WatchGrpc.WatchImplBase {
    @Override
    public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> answers) {
      return new StreamObserver<>() {
        @Override
        public void onNext(WatchRequest request) {
          if (request.hasCancelRequest()) {
            answers.onCompleted();
          } else {
            answers.onNext(
                WatchResponse.newBuilder()
                    .setWatchId(request.getCreateRequest().getWatchId())
                    .build());
          }
        }

        @Override
        public void onError(Throwable e) {
          assertTrue(e instanceof StatusRuntimeException);
        }

        @Override
        public void onCompleted() {
          answers.onCompleted();
        }
      };
    }
  }

  /** A port where nobody listens. */
  private static Endpoint nobody() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new Endpoint("127.0.0.1", socket.getLocalPort());
    }
  }

  /** A process that has stopped: its connections are taken, by the kernel. */
  private Endpoint silent() throws IOException {
    var socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    others.add(socket);
    return new Endpoint("127.0.0.1", socket.getLocalPort());
  }

  private static Supplier<Status> first(Status first) {
    var calls = new AtomicInteger();
    return () -> calls.getAndIncrement() == 0 ? first : Status.OK;
  }

  @Test
  void asksAndGetsAnAnswerManyTimesOverOneConnection() throws Exception {
    try (var client = new Client(List.of(server(() -> Status.OK)), PATIENCE)) {
      for (int i = 0; i < 100; i++) {
        assertEquals(1, client.call(Method.RANGE, RANGE).getCount());
        client.call(Method.PUT, PUT);
      }
    }
  }

  @Test
  void messagesAreLargerThanFramesAndWindows() throws Exception {
    var large = ByteString.copyFrom(new byte[20 << 20]);
    try (var client = new Client(List.of(server(() -> Status.OK)), PATIENCE)) {
      for (int i = 0; i < 2; i++) {
        var answer = client.call(Method.RANGE, RANGE.toBuilder().setKey(large).build());
        assertEquals(large, answer.getKvs(0).getValue());
      }
    }
  }

  @Test
  void goesOnWhereSomebodyListens() throws Exception {
    try (var client = new Client(List.of(nobody(), silent(), server(() -> Status.OK)), PATIENCE)) {
      client.call(Method.PUT, PUT);
      assertEquals(1, asked.get());
      client.call(Method.PUT, PUT);
    }
  }

  @Test
  void eachEndpointIsNamedWithWhatHappened() throws Exception {
    var nobody = nobody();
    var silent = silent();
    try (var client = new Client(List.of(silent, nobody), Duration.ofMillis(2500))) {
      var e = assertThrows(NoEndpointException.class, () -> client.call(Method.RANGE, RANGE));
      assertTrue(
          e.getMessage()
              .matches(
                  "no endpoint answered: "
                      + silent
                      + " timed out after 2 s, "
                      + nobody
                      + " refused the connection"),
          e.getMessage());
    }
  }

  @Test
  void aPortOfAnotherKindIsToldApart() throws Exception {
    var http = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    others.add(http);
    Thread.ofVirtual()
        .start(
            () -> {
              while (!http.isClosed()) {
                try (var socket = http.accept()) {
                  socket
                      .getOutputStream()
                      .write(
                          "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                  socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                  // The client, or the test, is done.
                  continue;
                }
              }
            });
    var endpoint = new Endpoint("127.0.0.1", http.getLocalPort());
    try (var client = new Client(List.of(endpoint), Duration.ofMillis(500))) {
      var e = assertThrows(NoEndpointException.class, () -> client.call(Method.RANGE, RANGE));
      assertTrue(e.getMessage().contains("does not speak gRPC"), e.getMessage());
    }
  }

  @Test
  void aReadIsAskedAgainAfterWhateverPasses() throws Exception {
    var flaky = server(first(Status.UNAVAILABLE.withDescription("etcdserver: leader changed")));
    try (var client = new Client(List.of(flaky), PATIENCE)) {
      client.call(Method.RANGE, RANGE);
      assertEquals(2, asked.get());
    }
  }

  @Test
  void aWriteIsAskedAgainIfItIsCertainlyInNoLog() throws Exception {
    var flaky = server(first(Status.UNAVAILABLE.withDescription("etcdserver: no leader")));
    try (var client = new Client(List.of(flaky), PATIENCE)) {
      client.call(Method.PUT, PUT);
      assertEquals(2, asked.get());
    }
  }

  @Test
  void aWriteThatMayBeInALogIsNotAskedAgain() throws Exception {
    var flaky = server(first(Status.UNAVAILABLE.withDescription("etcdserver: request timed out")));
    try (var client = new Client(List.of(flaky, server(() -> Status.OK)), PATIENCE)) {
      var e = assertThrows(UnknownOutcomeException.class, () -> client.call(Method.PUT, PUT));
      assertEquals(
          flaky
              + " says \"etcdserver: request timed out\": the request may have been carried out;"
              + " look before repeating",
          e.getMessage());
      assertEquals(1, asked.get());
    }
  }

  @Test
  void aRefusalIsTheServersOwnWordAndFinal() throws Exception {
    var text = "etcdserver: \u00fc %";
    var refuses = server(() -> Status.INVALID_ARGUMENT.withDescription(text));
    try (var client = new Client(List.of(refuses, server(() -> Status.OK)), PATIENCE)) {
      var e = assertThrows(ServerException.class, () -> client.call(Method.PUT, PUT));
      assertEquals(text, e.getMessage());
      assertEquals(ServerException.INVALID_ARGUMENT, e.code());
      assertEquals(1, asked.get());
    }
  }

  @Test
  void aServerThatEndsIsLeft() throws Exception {
    var one = server(() -> Status.OK);
    var other = server(() -> Status.OK);
    try (var client = new Client(List.of(one, other), PATIENCE)) {
      client.call(Method.PUT, PUT);
      assertEquals(one, client.endpoint());
      servers.getFirst().shutdownNow().awaitTermination();
      client.call(Method.RANGE, RANGE);
      assertEquals(other, client.endpoint());
    }
  }

  @Test
  void anExchangeGoesBothWaysAndEnds() throws Exception {
    try (var client = new Client(List.of(server(() -> Status.OK)), PATIENCE);
        var exchange = client.open(Method.WATCH, create(1), false)) {
      assertEquals(1, exchange.next().getWatchId());
      exchange.send(create(2), PATIENCE);
      assertEquals(2, exchange.next(PATIENCE).getWatchId());
      var cancel = WatchRequest.newBuilder();
      cancel.getCancelRequestBuilder().setWatchId(1);
      exchange.send(cancel.build(), PATIENCE);
      assertNull(exchange.next());
    }
  }

  @Test
  void anExchangeThatBreaksSaysSo() throws Exception {
    try (var client = new Client(List.of(server(() -> Status.OK)), PATIENCE);
        var exchange = client.open(Method.WATCH, create(1), false)) {
      exchange.next();
      servers.getFirst().shutdownNow();
      var e = assertThrows(Exception.class, exchange::next);
      assertTrue(e instanceof IOException || e instanceof ServerException, e::toString);
    }
  }

  private static WatchRequest create(long id) {
    var request = WatchRequest.newBuilder();
    request.getCreateRequestBuilder().setWatchId(id);
    return request.build();
  }
}
