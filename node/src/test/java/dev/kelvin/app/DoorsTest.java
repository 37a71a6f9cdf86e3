package dev.kelvin.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.api.FakeNode;
import dev.kelvin.member.Node;
import dev.kelvin.proto.etcdserverpb.AlarmMember;
import dev.kelvin.proto.etcdserverpb.AlarmRequest;
import dev.kelvin.proto.etcdserverpb.AlarmRequest.AlarmAction;
import dev.kelvin.proto.etcdserverpb.AlarmType;
import dev.kelvin.proto.etcdserverpb.ClusterGrpc;
import dev.kelvin.proto.etcdserverpb.DefragmentRequest;
import dev.kelvin.proto.etcdserverpb.DowngradeRequest;
import dev.kelvin.proto.etcdserverpb.DowngradeRequest.DowngradeAction;
import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.HashRequest;
import dev.kelvin.proto.etcdserverpb.KVGrpc;
import dev.kelvin.proto.etcdserverpb.MaintenanceGrpc;
import dev.kelvin.proto.etcdserverpb.MemberListRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.SnapshotRequest;
import dev.kelvin.proto.etcdserverpb.StatusRequest;
import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The application with its ports open, a fake node behind them. */
@QuarkusTest
class DoorsTest {
  private final HttpClient http = HttpClient.newHttpClient();
  @Inject Node node;
  private FakeNode fake;
  private ManagedChannel channel;

  @BeforeEach
  void connect() {
    fake = (FakeNode) node;
    fake.state = Node.State.VOTER;
    fake.leader = FakeNode.MEMBER;
    fake.silence = 0;
    fake.caughtUpAgo = 0;
    fake.cold = false;
    channel =
        NettyChannelBuilder.forAddress("localhost", port("quarkus.grpc.server.test-port"))
            .usePlaintext()
            .build();
  }

  @AfterEach
  void disconnect() {
    channel.shutdownNow();
    http.close();
  }

  private static int port(String property) {
    return ConfigProvider.getConfig().getValue(property, Integer.class);
  }

  private HttpResponse<byte[]> send(String method, String path, String body) throws Exception {
    var uri = URI.create("http://localhost:" + port("quarkus.http.test-port") + path);
    var request =
        HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.ofString(body));
    return http.send(request.build(), BodyHandlers.ofByteArray());
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  private static PutRequest put(String key, String value) {
    return PutRequest.newBuilder()
        .setKey(ByteString.copyFromUtf8(key))
        .setValue(ByteString.copyFromUtf8(value))
        .build();
  }

  private static RangeRequest range(String key) {
    return RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
  }

  private static void assertRefused(Status.Code code, String text, Runnable call) {
    var refusal = assertThrows(StatusRuntimeException.class, call::run);
    assertEquals(code, refusal.getStatus().getCode());
    assertEquals(text, refusal.getStatus().getDescription());
  }

  @Test
  void aPutIsReadBackWithTheFullHeader() {
    var kv = KVGrpc.newBlockingStub(channel);
    var put = kv.put(put("a", "1"));
    assertEquals(FakeNode.CLUSTER, put.getHeader().getClusterId());
    assertEquals(FakeNode.MEMBER, put.getHeader().getMemberId());
    assertEquals(FakeNode.TERM, put.getHeader().getRaftTerm());
    var got = kv.range(range("a"));
    assertEquals(put.getHeader(), got.getHeader());
    assertEquals("1", got.getKvs(0).getValue().toStringUtf8());
    assertEquals(1, got.getCount());
  }

  @Test
  void theRequestGoesToTheLogAsItArrived() {
    var request = put("exact", "bytes").toBuilder().setLease(5).build();
    KVGrpc.newBlockingStub(channel).put(request);
    assertArrayEquals(request.toByteArray(), fake.lastPayload);
  }

  @Test
  void aReadThatTouchesTheDiskIsAnsweredToo() {
    var kv = KVGrpc.newBlockingStub(channel);
    kv.put(put("cold", "value"));
    fake.cold = true;
    assertEquals("value", kv.range(range("cold")).getKvs(0).getValue().toStringUtf8());
  }

  @Test
  void aRefusalHasEtcdsCodeAndText() {
    assertRefused(
        Status.Code.INVALID_ARGUMENT,
        "etcdserver: key is not provided",
        () -> KVGrpc.newBlockingStub(channel).put(PutRequest.getDefaultInstance()));
  }

  @Test
  void aMessageAboveTheTransportsLimitIsRefused() {
    var refusal =
        assertThrows(
            StatusRuntimeException.class,
            () -> KVGrpc.newBlockingStub(channel).put(put("big", "x".repeat(3 << 20))));
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, refusal.getStatus().getCode());
  }

  @Test
  void whoAsksForALeaderIsToldThatThereIsNone() {
    fake.leader = 0;
    var metadata = new Metadata();
    metadata.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
    var wish = MetadataUtils.newAttachHeadersInterceptor(metadata);
    assertRefused(
        Status.Code.UNAVAILABLE,
        "etcdserver: no leader",
        () -> KVGrpc.newBlockingStub(channel).withInterceptors(wish).range(range("a")));
    assertRefused(
        Status.Code.UNAVAILABLE,
        "etcdserver: no leader",
        () ->
            ClusterGrpc.newBlockingStub(channel)
                .withInterceptors(wish)
                .memberList(MemberListRequest.getDefaultInstance()));
  }

  @Test
  void clusterAndMaintenanceTellTheState() {
    var members =
        ClusterGrpc.newBlockingStub(channel)
            .memberList(MemberListRequest.newBuilder().setLinearizable(true).build());
    assertEquals(FakeNode.MEMBER, members.getMembers(0).getID());
    var maintenance = MaintenanceGrpc.newBlockingStub(channel);
    var status = maintenance.status(StatusRequest.getDefaultInstance());
    assertEquals("3.6.7", status.getVersion());
    assertEquals(FakeNode.MEMBER, status.getLeader());
    assertEquals(4096, status.getDbSize());
    assertEquals(0, maintenance.alarm(AlarmRequest.getDefaultInstance()).getAlarmsCount());
    assertEquals(42, maintenance.hashKV(HashKVRequest.getDefaultInstance()).getHash());
  }

  @Test
  void alarmsAreRaisedShownAndDisarmed() {
    var maintenance = MaintenanceGrpc.newBlockingStub(channel);
    var alarm =
        AlarmMember.newBuilder().setMemberID(FakeNode.MEMBER).setAlarm(AlarmType.NOSPACE).build();
    var request =
        AlarmRequest.newBuilder().setMemberID(FakeNode.MEMBER).setAlarm(AlarmType.NOSPACE);
    var raised = maintenance.alarm(request.setAction(AlarmAction.ACTIVATE).build());
    assertEquals(java.util.List.of(alarm), raised.getAlarmsList());
    assertEquals(FakeNode.MEMBER, raised.getHeader().getMemberId());
    var all = maintenance.alarm(AlarmRequest.getDefaultInstance());
    assertEquals(java.util.List.of(alarm), all.getAlarmsList());
    assertEquals(FakeNode.MEMBER, all.getHeader().getMemberId());
    var others = AlarmRequest.newBuilder().setAlarm(AlarmType.CORRUPT).build();
    assertEquals(0, maintenance.alarm(others).getAlarmsCount());
    assertEquals(
        java.util.List.of("memberID:18364758544493064720 alarm:NOSPACE"),
        maintenance.status(StatusRequest.getDefaultInstance()).getErrorsList());
    maintenance.alarm(request.setAction(AlarmAction.DEACTIVATE).build());
    assertEquals(0, maintenance.alarm(AlarmRequest.getDefaultInstance()).getAlarmsCount());
  }

  @Test
  void defragmentIsBegunAndAnsweredAtOnce() {
    int before = fake.defragmentations;
    MaintenanceGrpc.newBlockingStub(channel).defragment(DefragmentRequest.getDefaultInstance());
    assertEquals(before + 1, fake.defragmentations);
    fake.state = Node.State.LEARNER;
    assertRefused(
        Status.Code.FAILED_PRECONDITION,
        "etcdserver: rpc not supported for learner",
        () ->
            MaintenanceGrpc.newBlockingStub(channel)
                .defragment(DefragmentRequest.getDefaultInstance()));
    assertEquals(before + 1, fake.defragmentations);
  }

  @Test
  void theHashOfEverythingHasTheFullHeader() {
    var hash = MaintenanceGrpc.newBlockingStub(channel).hash(HashRequest.getDefaultInstance());
    assertEquals(43, hash.getHash());
    assertEquals(FakeNode.CLUSTER, hash.getHeader().getClusterId());
    assertEquals(FakeNode.TERM, hash.getHeader().getRaftTerm());
  }

  @ParameterizedTest
  @CsvSource({
    "3.5, etcdserver: invalid downgrade target version",
    "3.5.4, etcdserver: invalid downgrade target version",
    "3.6, etcdserver: invalid downgrade target version",
    "4.0, etcdserver: invalid downgrade target version",
    "'', etcdserver: wrong downgrade target version format",
    "3, etcdserver: wrong downgrade target version format",
    "v3.5, etcdserver: wrong downgrade target version format",
    "abc, etcdserver: wrong downgrade target version format"
  })
  void thereIsNoVersionToGoDownTo(String version, String text) {
    var maintenance = MaintenanceGrpc.newBlockingStub(channel);
    for (var action : java.util.List.of(DowngradeAction.VALIDATE, DowngradeAction.ENABLE)) {
      var request = DowngradeRequest.newBuilder().setAction(action).setVersion(version).build();
      assertRefused(Status.Code.INVALID_ARGUMENT, text, () -> maintenance.downgrade(request));
    }
  }

  @Test
  void aDowngradeIsCancelledWhetherThereIsOneOrNot() {
    var maintenance = MaintenanceGrpc.newBlockingStub(channel);
    var request = DowngradeRequest.newBuilder().setAction(DowngradeAction.CANCEL);
    assertEquals("3.6", maintenance.downgrade(request.build()).getVersion());
    assertRefused(
        Status.Code.UNKNOWN,
        "etcdserver: unknown method",
        () -> maintenance.downgrade(request.setActionValue(9).build()));
  }

  @Test
  void whatIsNotThereYetSaysUnimplemented() {
    var users =
        MaintenanceGrpc.getStatusMethod().toBuilder()
            .setFullMethodName("etcdserverpb.Auth/AuthStatus")
            .build();
    var refusal =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                ClientCalls.blockingUnaryCall(
                    channel, users, CallOptions.DEFAULT, StatusRequest.getDefaultInstance()));
    assertEquals(Status.Code.UNIMPLEMENTED, refusal.getStatus().getCode());
  }

  @Test
  void aSnapshotThatCannotBeMadeEndsItsStream() {
    assertRefused(
        Status.Code.INTERNAL,
        "kelvin: internal error, see the node's log",
        () ->
            MaintenanceGrpc.newBlockingStub(channel)
                .snapshot(SnapshotRequest.getDefaultInstance())
                .next());
  }

  @Test
  void healthKnowsOnlyTheServerAsAWhole() {
    var health = HealthGrpc.newBlockingStub(channel);
    var serving = health.check(HealthCheckRequest.getDefaultInstance());
    assertEquals(ServingStatus.SERVING, serving.getStatus());
    assertRefused(
        Status.Code.NOT_FOUND,
        "unknown service",
        () -> health.check(HealthCheckRequest.newBuilder().setService("etcdserverpb.KV").build()));
  }

  @Test
  void reflectionListsTheServicesAndNoOthers() throws Exception {
    var answer = new CompletableFuture<ServerReflectionResponse>();
    var requests =
        ServerReflectionGrpc.newStub(channel)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable problem) {
                    answer.completeExceptionally(problem);
                  }

                  @Override
                  public void onCompleted() {
                    answer.completeExceptionally(new IllegalStateException("no answer"));
                  }
                });
    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("*").build());
    var names =
        answer.get(10, TimeUnit.SECONDS).getListServicesResponse().getServiceList().stream()
            .map(s -> s.getName())
            .sorted()
            .toList();
    requests.onCompleted();
    assertEquals(
        java.util.List.of(
            "etcdserverpb.Cluster",
            "etcdserverpb.KV",
            "etcdserverpb.Lease",
            "etcdserverpb.Maintenance",
            "etcdserverpb.Watch",
            "grpc.health.v1.Health",
            "kelvin.v1.KeyValue",
            "v3electionpb.Election",
            "v3lockpb.Lock"),
        names);
  }

  @Test
  void aKeyIsAResourceWithSlashesAndAnyBytes() throws Exception {
    var put = send("PUT", "/v1/kv/dir/a%2Fb%20c", "hello");
    assertEquals(200, put.statusCode(), text(put));
    var got = send("GET", "/v1/kv/dir/a/b%20c", "");
    assertEquals("hello", text(got));
    assertEquals(
        put.headers().firstValue("Kelvin-Revision"),
        got.headers().firstValue("Kelvin-Mod-Revision"));
    var json = text(send("GET", "/v1/kv/dir/a/b%20c?json", ""));
    assertTrue(json.contains("\"key\":\"dir/a/b c\"") && json.contains("aGVsbG8="), json);
    assertEquals(200, send("DELETE", "/v1/kv/dir/a/b%20c", "").statusCode());
    var gone = send("GET", "/v1/kv/dir/a/b%20c", "");
    assertEquals(404, gone.statusCode());
    assertEquals("application/problem+json", gone.headers().firstValue("content-type").get());
  }

  @Test
  void anEmptyValueIsAValue() throws Exception {
    assertEquals(200, send("PUT", "/v1/kv/empty", "").statusCode());
    var got = send("GET", "/v1/kv/empty", "");
    assertEquals(200, got.statusCode());
    assertEquals(0, got.body().length);
  }

  @Test
  void aValueAboveTheLimitIs413() throws Exception {
    assertEquals(413, send("PUT", "/v1/kv/big", "x".repeat(2 << 20)).statusCode());
  }

  @Test
  void whoHasNotCaughtUpIsNotReady() throws Exception {
    fake.caughtUpAgo = -1;
    var behind = send("GET", "/readyz?verbose", "");
    assertEquals(503, behind.statusCode());
    assertTrue(
        text(behind).contains("[-]caught-up failed: has not caught up since its start"),
        text(behind));
    fake.caughtUpAgo = 9_000;
    assertEquals(200, send("GET", "/readyz", "").statusCode());
    fake.caughtUpAgo = 11_000;
    assertEquals(503, send("GET", "/readyz", "").statusCode());
  }

  @Test
  void readinessFollowsTheLeaderAndLivenessDoesNot() throws Exception {
    assertEquals(200, send("GET", "/readyz", "").statusCode());
    fake.silence = 9_000;
    assertEquals(200, send("GET", "/readyz", "").statusCode());
    fake.silence = 11_000;
    var late = send("GET", "/readyz?verbose", "");
    assertEquals(503, late.statusCode());
    assertTrue(text(late).contains("[-]leader failed: no leader heard for 11000 ms"), text(late));
    assertTrue(text(late).contains("[+]voter ok"), text(late));
    fake.state = Node.State.WAITING;
    assertEquals(503, send("GET", "/readyz", "").statusCode());
    assertEquals(200, send("GET", "/livez", "").statusCode());
  }

  @Test
  void healthIsEtcds() throws Exception {
    assertEquals("{\"health\":\"true\",\"reason\":\"\"}", text(send("GET", "/health", "")));
    fake.failure = dev.kelvin.replica.Replica.Failure.TIMEOUT;
    try {
      var sick = send("GET", "/health", "");
      assertEquals(503, sick.statusCode());
      assertEquals(
          "{\"health\":\"false\",\"reason\":\"RANGE ERROR:etcdserver: request timed out\"}",
          text(sick));
      assertEquals(200, send("GET", "/health?serializable=true", "").statusCode());
    } finally {
      fake.failure = null;
    }
    fake.leader = 0;
    var headless = send("GET", "/health?exclude=NOSPACE", "");
    assertEquals(503, headless.statusCode());
    assertEquals("{\"health\":\"false\",\"reason\":\"RAFT NO LEADER\"}", text(headless));
    assertEquals(200, send("GET", "/health?serializable=true", "").statusCode());
    fake.broken = true;
    try {
      var broken = send("GET", "/health?serializable=true", "");
      assertEquals(503, broken.statusCode());
      assertTrue(text(broken).contains("RANGE ERROR:the store does not answer"), text(broken));
      var dead = send("GET", "/livez", "");
      assertEquals(503, dead.statusCode());
      assertTrue(text(dead).startsWith("[-]serializable_read failed: "), text(dead));
      assertEquals("ok\n", text(send("GET", "/livez?exclude=serializable_read", "")));
    } finally {
      fake.broken = false;
    }
  }

  @Test
  void checksOfHealthHaveEtcdsNamesParametersAndTexts() throws Exception {
    assertEquals("ok\n", text(send("GET", "/livez", "")));
    assertEquals("[+]serializable_read ok\nok\n", text(send("GET", "/livez?verbose", "")));
    assertEquals(
        "[+]serializable_read ok\nok\n", text(send("GET", "/livez/serializable_read?verbose", "")));
    assertEquals("ok\n", text(send("GET", "/readyz/data_corruption", "")));
    assertEquals("ok\n", text(send("GET", "/readyz?exclude=no_such_check", "")));
    assertEquals(
        "[+]data_corruption ok\n"
            + "[+]serializable_read ok\n"
            + "[+]linearizable_read ok\n"
            + "[+]voter ok\n"
            + "[+]leader ok\n"
            + "ok\n",
        text(send("GET", "/readyz?verbose&exclude=non_learner&exclude=caught-up", "")));
    var unknown = send("GET", "/readyz/no_such_check", "");
    assertEquals(404, unknown.statusCode());
    assertEquals("404 page not found\n", text(unknown));
    fake.state = Node.State.LEARNER;
    var learner = send("GET", "/readyz", "");
    assertEquals(503, learner.statusCode());
    assertTrue(
        text(learner).contains("[-]non_learner failed: not supported for learner\n"),
        text(learner));
    assertEquals(200, send("GET", "/readyz?exclude=non_learner&exclude=voter", "").statusCode());
    var metrics = text(send("GET", "/metrics", ""));
    assertTrue(
        metrics.contains("etcd_server_healthcheck{type=\"readyz\",name=\"data_corruption\"} 1\n"),
        metrics);
  }

  @Test
  void versionAndMetricsHaveEtcdsNames() throws Exception {
    assertTrue(text(send("GET", "/version", "")).contains("\"etcdserver\":\"3.6.7\""));
    var metrics = text(send("GET", "/metrics", ""));
    for (var line :
        new String[] {
          "etcd_server_has_leader 1",
          "etcd_server_is_leader 1",
          "etcd_server_is_learner 0",
          "# TYPE etcd_server_proposals_committed_total gauge",
          "etcd_server_proposals_committed_total 10000",
          "etcd_server_proposals_applied_total 10000",
          "etcd_mvcc_db_total_size_in_bytes 4096",
          "etcd_debugging_mvcc_watcher_total 0",
          "etcd_debugging_mvcc_slow_watcher_total 0",
          "etcd_debugging_mvcc_watch_stream_total 0",
          "etcd_debugging_mvcc_events_total 0",
          "etcd_server_id{server_id=\"fedcba9876543210\"} 1"
        }) {
      assertTrue(metrics.contains("\n" + line + "\n"), () -> line + " is not in\n" + metrics);
    }
    assertTrue(metrics.contains("\njvm_memory_used_bytes{"), metrics);
  }

  @Test
  void callsAreCountedByMethodAndHowTheyEnd() throws Exception {
    var kv = KVGrpc.newBlockingStub(channel);
    double puts = sample("grpc_server_handled_total", "OK", "Put");
    double failed = sample("grpc_server_handled_total", "InvalidArgument", "Put");
    double bytes = sample("etcd_network_client_grpc_received_bytes_total");
    var put = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("counted")).build();
    kv.put(put);
    kv.put(put);
    assertThrows(
        StatusRuntimeException.class, () -> kv.put(PutRequest.getDefaultInstance()), "no key");
    // A call is over for its client before the server has counted it.
    await(() -> sample("grpc_server_handled_total", "OK", "Put") == puts + 2);
    await(() -> sample("grpc_server_handled_total", "InvalidArgument", "Put") == failed + 1);
    assertEquals(
        bytes + 2 * put.getSerializedSize(),
        sample("etcd_network_client_grpc_received_bytes_total"));
    assertTrue(sample("grpc_server_handling_seconds_count", "Put") >= puts + 2);
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(Condition condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!condition.holds()) {
      assertTrue(System.nanoTime() < deadline, "in vain");
    }
  }

  /** The value of the only series of that name that has these values of labels. */
  private double sample(String name, String... labels) throws Exception {
    var found =
        text(send("GET", "/metrics", ""))
            .lines()
            .filter(l -> l.startsWith(name + "{") || l.startsWith(name + " "))
            .filter(l -> Stream.of(labels).allMatch(v -> l.contains("=\"" + v + "\"")))
            .toList();
    assertEquals(1, found.size(), () -> name + ": " + found);
    return Double.parseDouble(found.getFirst().substring(found.getFirst().lastIndexOf(' ')));
  }
}
