package dev.kelvin.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.api.FakeNode;
import dev.kelvin.member.Node;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import jakarta.json.Json;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the HTTP port answers, a fake node behind it; most of all what it refuses. */
@QuarkusTest
class RestDoorTest {
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  @Inject Node node;
  private FakeNode fake;

  @BeforeEach
  void reset() {
    fake = (FakeNode) node;
    fake.state = Node.State.VOTER;
    fake.leader = FakeNode.MEMBER;
    fake.cold = false;
    fake.broken = false;
  }

  @AfterEach
  void close() {
    reset();
    http.shutdownNow();
  }

  private static int port() {
    return ConfigProvider.getConfig().getValue("quarkus.http.test-port", Integer.class);
  }

  private HttpResponse<byte[]> send(
      String method, String path, BodyPublisher body, String... headers) throws Exception {
    var uri = URI.create("http://localhost:" + port() + path);
    var request = HttpRequest.newBuilder(uri).method(method, body).timeout(Duration.ofSeconds(10));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofByteArray());
  }

  private HttpResponse<byte[]> send(String method, String path, String... headers)
      throws Exception {
    return send(method, path, BodyPublishers.noBody(), headers);
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  private static void assertProblem(int status, String detail, HttpResponse<byte[]> response) {
    assertEquals(status, response.statusCode(), text(response));
    assertEquals(List.of("application/problem+json"), response.headers().allValues("content-type"));
    var problem = Json.createReader(new ByteArrayInputStream(response.body())).readObject();
    assertEquals(status, problem.getInt("status"));
    assertFalse(problem.getString("title").isEmpty());
    if (detail != null) {
      assertEquals(detail, problem.getString("detail"));
    }
  }

  private static void assertJson(HttpResponse<byte[]> response) {
    var type = response.headers().firstValue("content-type").orElseThrow();
    assertTrue(type.startsWith("application/json"), type);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET | /nothing | 404 | no such resource: /nothing",
        "GET | / | 404 | no such resource: /",
        "PUT | /v1/kv/ | 405 | not a method of /v1/kv/",
        "GET | /v1/kv/a/.. | 404 | no such resource: /v1/kv/a/..",
        "POST | /v1/kv/a | 405 | not a method of /v1/kv/a",
        "POST | /v1/watch/a | 405 | not a method of /v1/watch/a",
        "PUT | /livez | 405 | not a method of /livez",
        "PUT | /v1/kv/a?tll=5 | 400 | no such parameter: tll (there are: ttl)",
        "PUT | /v1/kv/a?ttl=0 | 400 | ttl must be a number of at least 1",
        "PUT | /v1/kv/a?ttl=9000000001 | 400 | etcdserver: too large lease TTL",
        "GET | /v1/kv/a?consistency=x | 400 | consistency must be linearizable or serializable",
        "GET | /v1/kv?limit=1001 | 400 | limit must be a number from 1 to 1000",
        "GET | /v1/kv?continue=abc | 400 | continue is not what a listing of this API answered",
        "DELETE | /v1/kv | 400 | name a prefix that is not empty, or all=true for every key",
        "DELETE | /v1/kv?prefix= | 400 | name a prefix that is not empty, or all=true for every key",
        "DELETE | /v1/kv?prefix=a&all=true | 400"
            + " | name a prefix that is not empty, or all=true for every key",
        "GET | /v1/watch?from=0 | 400 | from must be a number of at least 1",
        "GET | /v1/watch/a?prefix=b | 400"
            + " | no such parameter: prefix (there are: from, previous, heartbeat)",
        "GET | /v1/kv/missing | 404 | no such key: missing"
      })
  void whatIsRefusedIsAProblem(String method, String path, int status, String detail)
      throws Exception {
    assertProblem(status, detail, send(method, path));
  }

  @Test
  void aConditionThatIsNoEntityTagIsRefused() throws Exception {
    assertProblem(
        400,
        "If-Match must be * or an entity tag in quotes, like \"5\"",
        send("PUT", "/v1/kv/a", "If-Match", "5"));
    assertProblem(
        400, "Last-Event-ID must be a revision", send("GET", "/v1/watch", "Last-Event-ID", "x"));
  }

  @Test
  void aBodyThatIsNotTheValueItselfIsRefused() throws Exception {
    var body = BodyPublishers.ofString("--x--");
    assertProblem(
        415,
        "the body is the value as it is: no multipart/form-data; boundary=x",
        send("PUT", "/v1/kv/a", body, "Content-Type", "multipart/form-data; boundary=x"));
    assertProblem(
        415,
        "the body is the value as it is: no content encoding gzip",
        send("PUT", "/v1/kv/a", body, "Content-Encoding", "gzip"));
  }

  @ParameterizedTest
  @CsvSource({
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "application/json",
    "text/plain; charset=utf-16"
  })
  void aValueIsTheBodyWhateverItsType(String type) throws Exception {
    var value = new byte[] {0, (byte) 0xff, 'a', '=', '%', '4', '1', '&', '\n'};
    var put = send("PUT", "/v1/kv/typed", BodyPublishers.ofByteArray(value), "Content-Type", type);
    assertEquals(200, put.statusCode(), text(put));
    var got = send("GET", "/v1/kv/typed");
    assertArrayEquals(value, got.body());
    assertEquals(
        List.of("application/octet-stream"), got.headers().allValues("content-type"), type);
  }

  @Test
  void whatIsTooLargeIsAProblemHoweverItComes() throws Exception {
    var large = new byte[2 << 20];
    assertProblem(
        413,
        "etcdserver: request is too large",
        send("PUT", "/v1/kv/large", BodyPublishers.ofByteArray(large)));
    assertProblem(
        413,
        "etcdserver: request is too large",
        send("PUT", "/v1/kv/large", BodyPublishers.ofByteArray(new byte[(3 << 19) + 1])));
    // Without a length, in chunks.
    assertProblem(
        413,
        "etcdserver: request is too large",
        send(
            "PUT",
            "/v1/kv/large",
            BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large))));
  }

  @Test
  void aDefectIsAProblemWithoutItsStory() throws Exception {
    send("PUT", "/v1/kv/broken");
    fake.broken = true;
    var failed = send("GET", "/v1/kv/broken");
    assertProblem(500, "kelvin: internal error, see the node's log", failed);
    assertFalse(text(failed).contains("dev.kelvin"), text(failed));
  }

  @Test
  void aNodeThatServesNothingSaysSo() throws Exception {
    fake.state = Node.State.WAITING;
    for (var path : List.of("/v1/kv/a", "/v1/kv", "/v1/watch")) {
      var refused = send("GET", path);
      assertProblem(
          503,
          "kelvin: this node waits to be bootstrapped or joined and serves no requests yet",
          refused);
      assertEquals("1", refused.headers().firstValue("retry-after").orElse(null));
    }
  }

  @Test
  void aKeyIsAnyBytes() throws Exception {
    for (var key : List.of("%00%FF%2Fx", "a//b", "/a", "a%20+b", "%E2%82%AC", "a%3Fb", "..%2Fa")) {
      assertEquals(200, send("PUT", "/v1/kv/" + key, BodyPublishers.ofString(key)).statusCode());
      assertEquals(key, text(send("GET", "/v1/kv/" + key)));
    }
    var json = text(send("GET", "/v1/kv/%00%FF%2Fx?json"));
    assertTrue(json.startsWith("{\"keyBase64\":\"AP8veA==\",\"valueBase64\""), json);
  }

  @Test
  void aReaderWhoHasTheVersionGetsNoneAgain() throws Exception {
    var put = send("PUT", "/v1/kv/tagged", BodyPublishers.ofString("value"));
    var tag = put.headers().firstValue("etag").orElseThrow();
    assertEquals(tag, send("GET", "/v1/kv/tagged").headers().firstValue("etag").orElseThrow());
    var same = send("GET", "/v1/kv/tagged", "If-None-Match", tag);
    assertEquals(304, same.statusCode());
    assertEquals(tag, same.headers().firstValue("etag").orElseThrow());
    assertEquals(200, send("GET", "/v1/kv/tagged", "If-None-Match", "\"1\"").statusCode());
    assertProblem(412, null, send("GET", "/v1/kv/tagged", "If-Match", "\"1\""));
    var head = send("HEAD", "/v1/kv/tagged");
    assertEquals(200, head.statusCode());
    assertEquals(tag, head.headers().firstValue("etag").orElseThrow());
  }

  @Test
  void theEntryComesInJsonIfThatIsWhatIsAccepted() throws Exception {
    send("PUT", "/v1/kv/entry", BodyPublishers.ofString("value"));
    var json = send("GET", "/v1/kv/entry", "Accept", "application/json");
    assertJson(json);
    assertTrue(text(json).contains("\"value\":\"value\""), text(json));
    assertEquals("value", text(send("GET", "/v1/kv/entry", "Accept", "*/*")));
  }

  @Test
  void anAddressThatIsTooLongOrNoneEndsWithoutAPage() throws Exception {
    var tooLong = raw("GET /v1/kv/" + "a".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    assertTrue(tooLong.matches("(?s)HTTP/1.[01] 414 .*"), tooLong);
    var none = raw("GET /v1/kv/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assertTrue(none.startsWith("HTTP/1.1 400 "), none);
  }

  private static String raw(String request) throws Exception {
    try (var socket = new Socket("localhost", port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertFalse(answer.contains("<html"), answer);
      return answer;
    }
  }

  @Test
  void theDescriptionIsServed() throws Exception {
    var document = send("GET", "/openapi");
    assertJson(document);
    assertTrue(
        Json.createReader(new ByteArrayInputStream(document.body()))
            .readObject()
            .containsKey("paths"));
  }
}
