package dev.kelvin.operator.care;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Message;
import dev.kelvin.proto.care.BootstrapRequest;
import dev.kelvin.proto.care.CareGrpc.CareImplBase;
import dev.kelvin.proto.care.JoinRequest;
import dev.kelvin.proto.care.MembersResponse;
import dev.kelvin.proto.care.PromoteRequest;
import dev.kelvin.proto.care.RecoverRequest;
import dev.kelvin.proto.care.RemoveRequest;
import dev.kelvin.proto.care.Routing;
import dev.kelvin.proto.care.SetAsideRequest;
import dev.kelvin.proto.care.StatusRequest;
import dev.kelvin.proto.care.StatusResponse;
import dev.kelvin.proto.care.TransferRequest;
import dev.kelvin.proto.care.TransferResponse;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CareClientTest {
  /** Notes what it is asked; refuses to remove anybody. */
  private static final class Node extends CareImplBase {
    final List<Message> asked = new CopyOnWriteArrayList<>();

    private <T> void answer(Message request, T response, StreamObserver<T> to) {
      asked.add(request);
      to.onNext(response);
      to.onCompleted();
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> to) {
      answer(request, StatusResponse.newBuilder().setName("demo-0").build(), to);
    }

    @Override
    public void bootstrap(BootstrapRequest request, StreamObserver<StatusResponse> to) {
      answer(request, StatusResponse.getDefaultInstance(), to);
    }

    @Override
    public void join(JoinRequest request, StreamObserver<StatusResponse> to) {
      answer(request, StatusResponse.getDefaultInstance(), to);
    }

    @Override
    public void promote(PromoteRequest request, StreamObserver<MembersResponse> to) {
      answer(request, MembersResponse.getDefaultInstance(), to);
    }

    @Override
    public void remove(RemoveRequest request, StreamObserver<MembersResponse> to) {
      asked.add(request);
      to.onError(Status.UNAVAILABLE.withDescription("etcdserver: unhealthy cluster").asException());
    }

    @Override
    public void transfer(TransferRequest request, StreamObserver<TransferResponse> to) {
      answer(request, TransferResponse.getDefaultInstance(), to);
    }

    @Override
    public void setAside(SetAsideRequest request, StreamObserver<StatusResponse> to) {
      answer(request, StatusResponse.getDefaultInstance(), to);
    }

    @Override
    public void recover(RecoverRequest request, StreamObserver<StatusResponse> to) {
      answer(request, StatusResponse.getDefaultInstance(), to);
    }
  }

  private final List<Server> servers = new ArrayList<>();
  private final Node node = new Node();
  private CareAddress address;
  private CareClient client;

  @BeforeEach
  void start() throws IOException {
    address = serve(node);
    client = new CareClient(Duration.ofSeconds(2), Duration.ofSeconds(5));
  }

  @AfterEach
  void stop() throws InterruptedException {
    client.close();
    for (var server : servers) {
      server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private CareAddress serve(CareImplBase service) throws IOException {
    var server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(service)
            .build()
            .start();
    servers.add(server);
    return new CareAddress("127.0.0.1", server.getPort());
  }

  @Test
  void whoAnswersIsHeardAndWhoDoesNotIsMissing() throws Exception {
    try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // Takes the connection, and never says a word.
      var addresses =
          Map.of(
              "a", address,
              "b", new CareAddress("127.0.0.1", silent.getLocalPort()),
              "c", new CareAddress("127.0.0.1", closedPort()));
      var quick = new CareClient(Duration.ofMillis(2000), Duration.ofSeconds(5));
      long began = System.nanoTime();
      var answers = quick.statuses(addresses);
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
      quick.close();
      assertEquals(1, answers.size());
      assertEquals("demo-0", answers.get("a").getName());
      assertTrue(millis < 5000, "took " + millis + " ms");
    }
  }

  private static int closedPort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void whatIsAskedArrives() throws Exception {
    client.bootstrap(address, -7, 1000, Optional.empty());
    client.join(address, 1000, List.of("a:2380", "b:2380"));
    client.promote(address, 7, 12);
    client.transfer(address, 7, 13);
    client.setAside(address, 14);
    client.recover(address, 15, 7, 8);
    assertEquals(
        List.of(
            BootstrapRequest.newBuilder().setClusterId(-7).setIncarnation(1000).build(),
            JoinRequest.newBuilder()
                .addMembers("a:2380")
                .addMembers("b:2380")
                .setIncarnation(1000)
                .build(),
            PromoteRequest.newBuilder()
                .setMemberId(12)
                .setRouting(Routing.newBuilder().setClusterId(7))
                .build(),
            TransferRequest.newBuilder()
                .setTo(13)
                .setRouting(Routing.newBuilder().setClusterId(7))
                .build(),
            SetAsideRequest.newBuilder().setMemberId(14).build(),
            RecoverRequest.newBuilder().setMemberId(15).setClusterId(7).setNewClusterId(8).build()),
        node.asked);
  }

  @Test
  void aRefusalSaysWhoAndWhy() {
    var refused = assertThrows(CareException.class, () -> client.remove(address, 7, 12));
    assertEquals(Status.Code.UNAVAILABLE, refused.code());
    assertEquals(address + ": etcdserver: unhealthy cluster", refused.getMessage());
  }

  @Test
  void aNodeThatNeverAnswersIsGivenUpOn() throws IOException {
    var silent =
        serve(
            new CareImplBase() {
              @Override
              public void join(JoinRequest request, StreamObserver<StatusResponse> to) {
                node.asked.add(request);
              }
            });
    try (var hasty = new CareClient(Duration.ofMillis(500), Duration.ofMillis(500))) {
      var late = assertThrows(CareException.class, () -> hasty.join(silent, 1, List.of("a:1")));
      assertEquals(Status.Code.DEADLINE_EXCEEDED, late.code());
    }
  }

  @Test
  void addressesOfBothFamiliesAreWritten() {
    assertEquals("10.0.0.1:2380", new CareAddress("10.0.0.1", 2380).toString());
    assertEquals("[fd00::1]:2380", new CareAddress("fd00::1", 2380).toString());
  }
}
