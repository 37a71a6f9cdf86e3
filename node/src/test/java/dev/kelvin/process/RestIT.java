package dev.kelvin.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.LeaseLeasesRequest;
import dev.kelvin.proto.v1.DeleteRequest;
import dev.kelvin.proto.v1.GetRequest;
import dev.kelvin.proto.v1.GetResponse;
import dev.kelvin.proto.v1.KeyValueGrpc;
import dev.kelvin.proto.v1.SetRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** HTTP, and the small gRPC service, on three real nodes. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RestIT {
  private static final Path DOCUMENT = Path.of("..", "docs", "rest.md");

  @TempDir static Path dir;
  private static LocalCluster cluster;
  private static HttpClient http;

  @BeforeAll
  static void start() throws IOException {
    cluster = LocalCluster.start(dir);
    http = HttpClient.newHttpClient();
  }

  @AfterAll
  static void stop() {
    http.shutdownNow();
    cluster.close();
  }

  private static HttpResponse<String> send(
      NodeProcess node, String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    var uri = URI.create("http://127.0.0.1:" + node.httpPort + path);
    var request =
        HttpRequest.newBuilder(uri)
            .method(method, BodyPublishers.ofString(body))
            .timeout(Duration.ofSeconds(20));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private static JsonObject json(HttpResponse<String> response) {
    return json(response.body());
  }

  private static JsonObject json(String text) {
    return Json.createReader(new StringReader(text)).readObject();
  }

  private static long put(NodeProcess node, String key, String value) throws Exception {
    var answer = send(node, "PUT", "/v1/kv/" + key, value);
    assertEquals(200, answer.statusCode(), answer.body());
    return json(answer).getJsonNumber("revision").longValue();
  }

  /** First of all, as the revisions in the document are those of a new cluster. */
  @Test
  @Order(1)
  void theSessionInTheDocumentRunsAsShown() throws Exception {
    var session = DocumentSession.read(DOCUMENT);
    assertTrue(session.size() > 10, "commands in " + DOCUMENT);
    for (var step : session) {
      var command = step.command();
      for (int i = 0; i < 3; i++) {
        var shown = "127.0.0.1:" + List.of("2381", "22381", "32381").get(i) + "/";
        command = command.replace(shown, "127.0.0.1:" + cluster.nodes.get(i).httpPort + "/");
      }
      var shell = new ProcessBuilder("bash", "-c", command).redirectErrorStream(true).start();
      var output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(
          step.output(), output.replace("\r", "").stripTrailing(), "of: " + step.command());
    }
  }

  @Test
  @Order(2)
  void ofManyWhoCreateAKeyOneDoes() throws Exception {
    var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
    for (int i = 0; i < 24; i++) {
      var node = cluster.nodes.get(i % 3);
      var uri = URI.create("http://127.0.0.1:" + node.httpPort + "/v1/kv/created/once?ttl=600");
      answers.add(
          http.sendAsync(
              HttpRequest.newBuilder(uri)
                  .PUT(BodyPublishers.ofString("by " + i))
                  .header("If-None-Match", "*")
                  .build(),
              BodyHandlers.ofString()));
    }
    int created = 0;
    for (var answer : answers) {
      var response = answer.get(20, TimeUnit.SECONDS);
      if (response.statusCode() == 200) {
        created++;
        assertEquals(600, json(response).getInt("ttl"));
      } else {
        assertEquals(412, response.statusCode(), response.body());
        assertTrue(json(response).getJsonNumber("modRevision").longValue() > 0, response.body());
      }
    }
    assertEquals(1, created);
    var node = cluster.nodes.getFirst();
    // Of those who were refused, none has left its lease: the session of the document, and this.
    node.await("two leases", Duration.ofSeconds(10), () -> leases(node) == 2);
  }

  private static int leases(NodeProcess node) {
    return node.leases().leaseLeases(LeaseLeasesRequest.getDefaultInstance()).getLeasesCount();
  }

  @Test
  @Order(3)
  void aKeyWithATimeToLiveGoesOnAllNodes() throws Exception {
    var first = cluster.nodes.getFirst();
    long begin = System.nanoTime();
    var answer = send(first, "PUT", "/v1/kv/short?ttl=3", "lived");
    assertEquals(3, json(answer).getInt("ttl"));
    for (var node : cluster.nodes) {
      assertEquals(200, send(node, "GET", "/v1/kv/short", "").statusCode());
    }
    for (var node : cluster.nodes) {
      node.await("no key", Duration.ofSeconds(20), () -> node.httpStatus("/v1/kv/short") == 404);
    }
    assertTrue(System.nanoTime() - begin >= TimeUnit.SECONDS.toNanos(3));
  }

  @Test
  @Order(4)
  void aListingIsOfOneRevisionOnAllNodesUntilItIsCompacted() throws Exception {
    var first = cluster.nodes.getFirst();
    for (int i = 0; i < 10; i++) {
      put(first, "list/" + i, "old");
    }
    var page = json(send(first, "GET", "/v1/kv?prefix=list/&limit=4", ""));
    long revision = page.getJsonNumber("revision").longValue();
    for (int i = 0; i < 10; i++) {
      put(first, "list/" + i, "new");
    }
    put(first, "list/x", "late");
    var keys = new ArrayList<String>();
    for (int node = 1; ; node++) {
      for (var item : page.getJsonArray("items")) {
        assertEquals("old", item.asJsonObject().getString("value"));
        keys.add(item.asJsonObject().getString("key"));
      }
      assertEquals(revision, page.getJsonNumber("revision").longValue());
      if (!page.containsKey("continue")) {
        break;
      }
      var next = "/v1/kv?limit=4&continue=" + page.getString("continue");
      page = json(send(cluster.nodes.get(node % 3), "GET", next, ""));
    }
    assertEquals(10, keys.size());
    assertEquals(keys.stream().sorted().distinct().toList(), keys);
    var begun = json(send(first, "GET", "/v1/kv?prefix=list/&limit=4", ""));
    long now = put(first, "list/x", "later");
    first.kv().compact(CompactionRequest.newBuilder().setRevision(now).build());
    var gone = send(first, "GET", "/v1/kv?continue=" + begun.getString("continue"), "");
    assertEquals(410, gone.statusCode(), gone.body());
    assertTrue(gone.body().contains("begin again without continue"), gone.body());
  }

  @Test
  @Order(5)
  void aWatchOfWhatIsCompactedSaysSoAndEnds() throws Exception {
    var node = cluster.nodes.getFirst();
    long now = put(node, "compacted", "now");
    node.kv().compact(CompactionRequest.newBuilder().setRevision(now).build());
    try (var events = new EventReader(node, "/v1/watch?from=1", -1)) {
      assertEquals("begin", events.next().name());
      var last = events.next();
      assertEquals("compacted", last.name());
      assertEquals(now, json(last.data()).getJsonNumber("compactRevision").longValue());
      assertTrue(events.ended());
    }
  }

  @Test
  @Order(6)
  void aHeartbeatSaysHowFarAQuietWatchIs() throws Exception {
    var node = cluster.nodes.getFirst();
    try (var events = new EventReader(node, "/v1/watch/quiet?heartbeat=1", -1)) {
      long begin = events.next().id();
      long other = put(node, "other", "value");
      assertTrue(other > begin);
      events.awaitId(other);
      assertTrue(events.comments > 0);
    }
  }

  @Test
  @Order(7)
  void whoDoesNotReadIsFedLaterAndMissesNothing() throws Exception {
    var node = cluster.nodes.getFirst();
    try (var socket = new Socket()) {
      socket.setReceiveBufferSize(16 << 10);
      socket.connect(new InetSocketAddress("127.0.0.1", node.httpPort));
      var request = "GET /v1/watch?prefix=bulk/ HTTP/1.1\r\nHost: x\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.setSoTimeout(20_000);
      var in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      var line = in.readLine();
      while (!line.startsWith("event: begin")) {
        line = in.readLine();
      }
      var value = "x".repeat(64 << 10);
      var written = new ArrayList<Long>();
      for (int i = 0; i < 192; i++) {
        written.add(put(node, "bulk/" + i, value));
      }
      var heard = new ArrayList<Long>();
      while (heard.size() < written.size()) {
        line = in.readLine();
        if (line.startsWith("id: ")) {
          long id = Long.parseLong(line.substring(4));
          if (heard.isEmpty() || id > heard.getLast()) {
            heard.add(id);
          }
        }
      }
      assertEquals(written, heard);
    }
  }

  @Test
  @Order(8)
  void theSmallServiceSetsGetsAndDeletesThroughAnyNode() {
    var channels = new ArrayList<ManagedChannel>();
    try {
      for (var node : cluster.nodes) {
        channels.add(
            NettyChannelBuilder.forAddress("127.0.0.1", node.clientPort).usePlaintext().build());
      }
      var stubs = channels.stream().map(KeyValueGrpc::newBlockingStub).toList();
      var key = ByteString.copyFrom(new byte[] {'k', 0, -1});
      var get = GetRequest.newBuilder().setKey(key).build();
      for (int i = 0; i < 3; i++) {
        var value = ByteString.copyFromUtf8("value " + i);
        var set = SetRequest.newBuilder().setKey(key).setValue(value).build();
        assertTrue(stub(stubs, i).set(set).getSuccess());
        for (var stub : stubs) {
          assertEquals(
              GetResponse.newBuilder().setFound(true).setValue(value).build(),
              stub.withDeadlineAfter(10, TimeUnit.SECONDS).get(get));
        }
      }
      var delete = DeleteRequest.newBuilder().setKey(key).build();
      assertTrue(stub(stubs, 1).delete(delete).getFound());
      assertFalse(stub(stubs, 2).delete(delete).getFound());
      assertFalse(stub(stubs, 0).get(get).getFound());
      // An empty value is one.
      stub(stubs, 0).set(SetRequest.newBuilder().setKey(key).build());
      assertTrue(stub(stubs, 1).get(get).getFound());
      var timed = SetRequest.newBuilder().setKey(key).setTtlSeconds(3).build();
      assertTrue(stub(stubs, 2).set(timed).getSuccess());
      assertTrue(stub(stubs, 0).get(get).getFound());
      cluster
          .nodes
          .getFirst()
          .await("no key", Duration.ofSeconds(20), () -> !stub(stubs, 0).get(get).getFound());
      assertRefused(
          "etcdserver: key is not provided",
          () -> stub(stubs, 0).set(SetRequest.getDefaultInstance()));
      assertRefused(
          "etcdserver: key is not provided",
          () -> stub(stubs, 0).get(GetRequest.getDefaultInstance()));
      assertRefused(
          "kelvin: ttl_seconds must not be negative",
          () -> stub(stubs, 0).set(SetRequest.newBuilder().setKey(key).setTtlSeconds(-1).build()));
    } finally {
      channels.forEach(ManagedChannel::shutdownNow);
    }
  }

  private static KeyValueGrpc.KeyValueBlockingStub stub(
      List<KeyValueGrpc.KeyValueBlockingStub> stubs, int node) {
    return stubs.get(node).withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  private static void assertRefused(String text, Runnable call) {
    var refusal = assertThrows(StatusRuntimeException.class, call::run);
    assertEquals(Status.Code.INVALID_ARGUMENT, refusal.getStatus().getCode());
    assertEquals(text, refusal.getStatus().getDescription());
  }

  /** Last of all: it leaves one node. */
  @Test
  @Order(9)
  void anEventStreamOutlivesTheLeaderAndGoesOnAtAnotherNode() throws Exception {
    var leader = cluster.leader();
    var followers = cluster.nodes.stream().filter(node -> node != leader).toList();
    var written = new ArrayList<Long>();
    var heard = new ArrayList<Long>();
    try (var events = new EventReader(followers.getFirst(), "/v1/watch?prefix=live/", -1)) {
      assertEquals("begin", events.next().name());
      for (int i = 0; i < 20; i++) {
        written.add(put(followers.get(i % 2), "live/" + i, "before"));
      }
      leader.kill();
      for (int i = 0; i < 20; i++) {
        written.add(putAgainAndAgain(followers.get(i % 2), "live/" + i));
      }
      while (heard.isEmpty() || heard.getLast() < written.getLast()) {
        heard.add(events.next().id());
      }
      // What got no answer may have been written all the same.
      assertTrue(heard.containsAll(written), heard + " has not all of " + written);
      assertEquals(heard.stream().sorted().distinct().toList(), heard);
    }
    long middle = heard.get(heard.size() / 2);
    var rest = heard.stream().filter(id -> id > middle).toList();
    var last = followers.getLast();
    try (var events = new EventReader(last, "/v1/watch?prefix=live/", middle)) {
      assertEquals("begin", events.next().name());
      var again = new ArrayList<Long>();
      while (again.size() < rest.size()) {
        again.add(events.next().id());
      }
      assertEquals(rest, again);
      assertEquals(143, last.stop(), last.output());
      assertEquals("end", events.next().name());
      assertTrue(events.ended());
      // An open stream is not waited for.
      assertFalse(last.output().contains("Timed out waiting for graceful shutdown"));
    }
  }

  private static long putAgainAndAgain(NodeProcess node, String key) {
    var revision = new long[1];
    node.await(
        "a put of " + key,
        Duration.ofSeconds(20),
        () -> {
          try {
            var answer = send(node, "PUT", "/v1/kv/" + key, "after");
            if (answer.statusCode() == 200) {
              revision[0] = json(answer).getJsonNumber("revision").longValue();
              return true;
            }
            assertEquals(503, answer.statusCode(), answer.body());
            return false;
          } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    return revision[0];
  }
}
