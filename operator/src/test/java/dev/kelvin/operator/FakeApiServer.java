package dev.kelvin.operator;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Notes what it is asked. It holds only what a test puts there, and answers every write as if it
 * were done, unless told to refuse: whether the real one takes it is shown by the end-to-end tests.
 */
public final class FakeApiServer implements AutoCloseable {
  /**
   * One write.
   *
   * @param type of the content
   */
  public record Asked(String method, String path, String query, String type, JsonNode body) {
    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  private final HttpServer server;
  private final KubernetesClient client;
  private final Map<String, String> objects = new ConcurrentHashMap<>();
  private final Map<String, Integer> refusals = new ConcurrentHashMap<>();
  public final List<Asked> writes = new CopyOnWriteArrayList<>();

  public FakeApiServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    client =
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder()
                    .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                    .withNamespace("shop")
                    .withRequestRetryBackoffLimit(0)
                    .build())
            .build();
  }

  public KubernetesClient client() {
    return client;
  }

  /** Holds an object, in YAML, at a path. */
  public void put(String path, String yaml) {
    objects.put(
        path, Serialization.asJson(Serialization.unmarshal("---\n" + yaml, JsonNode.class)));
  }

  public void remove(String path) {
    objects.remove(path);
  }

  /** Refuses writes, as METHOD PATH, with a code. */
  public void refuse(String write, int code) {
    refusals.put(write, code);
  }

  private void answer(HttpExchange exchange) throws IOException {
    var path = exchange.getRequestURI().getPath();
    var method = exchange.getRequestMethod();
    var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    if (method.equals("GET")) {
      var found = objects.get(path);
      if (found == null && path.matches(".*/(pods|persistentvolumeclaims|storageclasses)")) {
        found = "{\"items\":[]}";
      }
      reply(exchange, found == null ? 404 : 200, found == null ? status(404) : found);
      return;
    }
    var asked =
        new Asked(
            method,
            path,
            Objects.requireNonNullElse(exchange.getRequestURI().getQuery(), ""),
            exchange.getRequestHeaders().getFirst("Content-Type"),
            body.isEmpty() ? null : Serialization.unmarshal(body, JsonNode.class));
    writes.add(asked);
    Integer code = refusals.get(asked.toString());
    if (code != null) {
      reply(exchange, code, status(code));
      return;
    }
    reply(exchange, 200, method.equals("DELETE") ? status(200) : body);
  }

  private static String status(int code) {
    return "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"code\":%d,\"message\":\"says the test\"}"
        .formatted(code);
  }

  private static void reply(HttpExchange exchange, int code, String body) throws IOException {
    var bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, bytes.length);
    try (var out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  @Override
  public void close() {
    client.close();
    server.stop(0);
  }
}
