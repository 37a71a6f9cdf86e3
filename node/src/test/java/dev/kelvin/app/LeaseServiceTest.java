package dev.kelvin.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.api.FakeNode;
import dev.kelvin.member.Node;
import dev.kelvin.process.KeepAliveClient;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseGrpc;
import dev.kelvin.proto.etcdserverpb.LeaseLeasesRequest;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kelvin.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** etcdserverpb.Lease on an open port, a fake node behind it. */
@QuarkusTest
class LeaseServiceTest {
  @Inject Node node;
  private FakeNode fake;
  private String address;
  private ManagedChannel channel;
  private LeaseGrpc.LeaseBlockingStub leases;

  @BeforeEach
  void connect() {
    fake = (FakeNode) node;
    fake.state = Node.State.VOTER;
    fake.leader = FakeNode.MEMBER;
    int port = ConfigProvider.getConfig().getValue("quarkus.grpc.server.test-port", Integer.class);
    address = "localhost:" + port;
    channel = NettyChannelBuilder.forAddress("localhost", port).usePlaintext().build();
    leases = LeaseGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  @AfterEach
  void disconnect() {
    fake.state = Node.State.VOTER;
    fake.leader = FakeNode.MEMBER;
    channel.shutdownNow();
  }

  private static LeaseGrantRequest grant(long id, long ttl) {
    return LeaseGrantRequest.newBuilder().setID(id).setTTL(ttl).build();
  }

  private static void assertRefused(Status.Code code, String text, Runnable call) {
    var refusal = assertThrows(StatusRuntimeException.class, call::run);
    assertEquals(code, refusal.getStatus().getCode());
    assertEquals(text, refusal.getStatus().getDescription());
  }

  private void assertHeader(ResponseHeader header) {
    assertEquals(FakeNode.CLUSTER, header.getClusterId());
    assertEquals(FakeNode.MEMBER, header.getMemberId());
    assertEquals(FakeNode.TERM, header.getRaftTerm());
    assertEquals(fake.revision(), header.getRevision());
  }

  @Test
  void theLogGetsALeaseWithAnIdAndATimeWithinTheLimits() throws Exception {
    var any = leases.leaseGrant(grant(0, -5));
    assertTrue(any.getID() > 0);
    // Of an election timeout of one second.
    assertEquals(2, any.getTTL());
    assertHeader(any.getHeader());
    assertEquals(grant(any.getID(), 2), LeaseGrantRequest.parseFrom(fake.lastPayload));
    assertEquals(9_000_000_000L, leases.leaseGrant(grant(-3, 9_000_000_000L)).getTTL());
    assertEquals(grant(-3, 9_000_000_000L), LeaseGrantRequest.parseFrom(fake.lastPayload));
    assertRefused(
        Status.Code.OUT_OF_RANGE,
        "etcdserver: too large lease TTL",
        () -> leases.leaseGrant(grant(0, 9_000_000_001L)));
  }

  @Test
  void leasesAreShownListedAndRevoked() {
    long id = leases.leaseGrant(grant(0, 60)).getID();
    for (boolean keys : new boolean[] {false, true}) {
      var shown =
          leases.leaseTimeToLive(
              LeaseTimeToLiveRequest.newBuilder().setID(id).setKeys(keys).build());
      assertHeader(shown.getHeader());
      assertEquals(id, shown.getID());
      assertEquals(60, shown.getTTL());
      assertEquals(60, shown.getGrantedTTL());
    }
    var list = leases.leaseLeases(LeaseLeasesRequest.getDefaultInstance());
    assertHeader(list.getHeader());
    assertTrue(list.getLeasesList().stream().anyMatch(lease -> lease.getID() == id));
    var revoke = LeaseRevokeRequest.newBuilder().setID(id).build();
    assertHeader(leases.leaseRevoke(revoke).getHeader());
    assertRefused(
        Status.Code.NOT_FOUND,
        "etcdserver: requested lease not found",
        () -> leases.leaseRevoke(revoke));
    var gone = leases.leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder().setID(id).build());
    assertHeader(gone.getHeader());
    assertEquals(id, gone.getID());
    assertEquals(-1, gone.getTTL());
    assertEquals(0, gone.getGrantedTTL());
  }

  @Test
  void renewalsAreAnsweredInOrderAndToTheLast() throws Exception {
    long id = leases.leaseGrant(grant(0, 60)).getID();
    try (var client = new KeepAliveClient(address, false)) {
      int renewals = 5000;
      for (int i = 0; i < renewals; i++) {
        client.renew(i % 2 == 0 ? id : 404);
      }
      client.done();
      for (int i = 0; i < renewals; i++) {
        var answer = client.answers.poll(10, TimeUnit.SECONDS);
        assertHeader(answer.getHeader());
        assertEquals(i % 2 == 0 ? id : 404, answer.getID());
        assertEquals(i % 2 == 0 ? 60 : 0, answer.getTTL());
      }
      awaitEnd(client);
      assertEquals(Status.Code.OK, client.end.getCode());
    }
  }

  private static void awaitEnd(KeepAliveClient client) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (client.end == null && System.nanoTime() < deadline) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  @Test
  void aStreamThatNeedsALeaderEndsWithoutOneAndOthersStay() throws Exception {
    try (var needing = new KeepAliveClient(address, true);
        var patient = new KeepAliveClient(address, false)) {
      for (var client : List.of(needing, patient)) {
        client.renew(404);
        assertEquals(0, client.answers.poll(10, TimeUnit.SECONDS).getTTL());
      }
      fake.leader = 0;
      awaitEnd(needing);
      assertEquals(Status.Code.UNAVAILABLE, needing.end.getCode());
      assertEquals("etcdserver: no leader", needing.end.getDescription());
      assertNull(patient.end);
      // What cannot be renewed ends the stream with the reason, as in etcd.
      patient.renew(404);
      awaitEnd(patient);
      assertEquals("etcdserver: no leader", patient.end.getDescription());
    }
  }

  @Test
  void aLearnerRefusesAllOfIt() {
    fake.state = Node.State.LEARNER;
    var text = "etcdserver: rpc not supported for learner";
    var code = Status.Code.FAILED_PRECONDITION;
    assertRefused(code, text, () -> leases.leaseGrant(grant(0, 60)));
    assertRefused(code, text, () -> leases.leaseRevoke(LeaseRevokeRequest.getDefaultInstance()));
    assertRefused(
        code, text, () -> leases.leaseTimeToLive(LeaseTimeToLiveRequest.getDefaultInstance()));
    assertRefused(code, text, () -> leases.leaseLeases(LeaseLeasesRequest.getDefaultInstance()));
    try (var client = new KeepAliveClient(address, false)) {
      awaitEnd(client);
      assertEquals(code, client.end.getCode());
      assertEquals(text, client.end.getDescription());
    }
  }
}
