package dev.kelvin.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.api.FakeNode;
import dev.kelvin.member.Node;
import dev.kelvin.proto.etcdserverpb.KVGrpc;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.v3electionpb.CampaignRequest;
import dev.kelvin.proto.v3electionpb.ElectionGrpc;
import dev.kelvin.proto.v3electionpb.LeaderRequest;
import dev.kelvin.proto.v3lockpb.LockGrpc;
import dev.kelvin.proto.v3lockpb.LockRequest;
import dev.kelvin.proto.v3lockpb.UnlockRequest;
import dev.kelvin.replica.Replica;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Who is refused by the services of locks, elections and ranges in parts, before anything is done.
 */
@QuarkusTest
class LockServiceTest {
  @Inject Node node;
  private FakeNode fake;
  private ManagedChannel channel;

  @BeforeEach
  void connect() {
    fake = (FakeNode) node;
    int port = ConfigProvider.getConfig().getValue("quarkus.grpc.server.test-port", Integer.class);
    channel = NettyChannelBuilder.forAddress("localhost", port).usePlaintext().build();
  }

  @AfterEach
  void restore() {
    channel.shutdownNow();
    fake.state = Node.State.VOTER;
    fake.leader = FakeNode.MEMBER;
    fake.failure = null;
  }

  private static List<Runnable> calls(Channel by) {
    var locks = LockGrpc.newBlockingStub(by).withDeadlineAfter(10, TimeUnit.SECONDS);
    var elections = ElectionGrpc.newBlockingStub(by).withDeadlineAfter(10, TimeUnit.SECONDS);
    var kv = KVGrpc.newBlockingStub(by).withDeadlineAfter(10, TimeUnit.SECONDS);
    return List.of(
        () -> locks.lock(LockRequest.newBuilder().setLease(1).build()),
        () -> locks.unlock(UnlockRequest.getDefaultInstance()),
        () -> elections.campaign(CampaignRequest.newBuilder().setLease(1).build()),
        () -> elections.leader(LeaderRequest.getDefaultInstance()),
        () -> elections.observe(LeaderRequest.getDefaultInstance()).next(),
        () -> kv.rangeStream(RangeRequest.newBuilder().setSerializable(true).build()).next());
  }

  private static void assertAllRefused(String expected, Channel by) {
    for (var call : calls(by)) {
      var status = assertThrows(StatusRuntimeException.class, call::run).getStatus();
      assertEquals(expected, status.getCode() + " " + status.getDescription());
    }
  }

  @Test
  void aLearnerServesNone() {
    fake.state = Node.State.LEARNER;
    assertAllRefused("FAILED_PRECONDITION etcdserver: rpc not supported for learner", channel);
  }

  @Test
  void whoNeedsALeaderIsToldThatThereIsNone() {
    fake.leader = 0;
    var headers = new Metadata();
    headers.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
    var needing =
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    assertAllRefused("UNAVAILABLE etcdserver: no leader", needing);
  }

  @Test
  void whatIsWorthAnotherTryKeepsItsCode() {
    fake.failure = Replica.Failure.TIMEOUT;
    var lock = calls(channel).getFirst();
    var status = assertThrows(StatusRuntimeException.class, lock::run).getStatus();
    assertEquals(
        "UNAVAILABLE etcdserver: request timed out",
        status.getCode() + " " + status.getDescription());
  }
}
