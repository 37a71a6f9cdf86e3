package dev.kelvin.fuzz;

import com.google.protobuf.ByteString;
import dev.kelvin.fuzz.Bystander.Refused;
import dev.kelvin.fuzz.Bystander.Way;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import jakarta.json.Json;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The ways a {@link Bystander} takes: etcd's gRPC, and each door that is fuzzed. */
final class Ways {
  private static final int PATIENCE_MILLIS = 20_000;

  private Ways() {}

  static Way of(Door door, Nodes nodes) throws IOException {
    return switch (door) {
      case CACHE -> new Cache(nodes);
      case JSON -> new JsonLines(nodes);
      case HTTP -> new Http(nodes);
    };
  }

  /** etcd's API. */
  record Etcd(Nodes nodes) implements Way {
    @Override
    public void put(int node, String key, String value) throws Refused {
      var request =
          PutRequest.newBuilder()
              .setKey(ByteString.copyFromUtf8(key))
              .setValue(ByteString.copyFromUtf8(value))
              .build();
      try {
        nodes.of(node).process().kv().put(request);
      } catch (StatusRuntimeException e) {
        throw refused(e);
      }
    }

    @Override
    public String get(int node, String key) throws Refused {
      var request = RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
      try {
        var found = nodes.of(node).process().kv().range(request);
        return found.getKvsCount() == 0 ? null : found.getKvs(0).getValue().toStringUtf8();
      } catch (StatusRuntimeException e) {
        throw refused(e);
      }
    }

    private static Refused refused(StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.UNAVAILABLE
          || e.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED) {
        return new Refused(e.getMessage());
      }
      throw e;
    }

    @Override
    public void close() {
      // The channels are the nodes'.
    }
  }

  /** One socket to each node. */
  private abstract static class Sockets implements Way {
    final List<Socket> sockets = new ArrayList<>();

    Sockets(Nodes nodes, Door door) throws IOException {
      for (var node : nodes.all) {
        var address = node.doors().get(door);
        var socket = new Socket(address.getHostString(), address.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        sockets.add(socket);
      }
    }

    int index(int node) {
      return node % sockets.size();
    }

    @Override
    public void close() throws IOException {
      for (var socket : sockets) {
        socket.close();
      }
    }
  }

  private static final class Cache extends Sockets {
    Cache(Nodes nodes) throws IOException {
      super(nodes, Door.CACHE);
    }

    @Override
    public void put(int node, String key, String value) throws IOException, Refused {
      int status = ask(node, CacheModel.set(utf8(key), utf8(value), 0)).readByte();
      if (status != 1) {
        throw refused(status);
      }
    }

    @Override
    public String get(int node, String key) throws IOException, Refused {
      var in = ask(node, CacheModel.get(utf8(key)));
      int status = in.readByte();
      return switch (status) {
        case 1 ->
            new String(in.readNBytes(Integer.reverseBytes(in.readInt())), StandardCharsets.UTF_8);
        case 3 -> null;
        default -> throw refused(status);
      };
    }

    private DataInputStream ask(int node, byte[] frame) throws IOException {
      var socket = sockets.get(index(node));
      socket.getOutputStream().write(frame);
      return new DataInputStream(socket.getInputStream());
    }

    private static Refused refused(int status) throws IOException {
      if (status != 2) {
        throw new IOException("status " + status);
      }
      return new Refused("status 2");
    }
  }

  private static final class JsonLines extends Sockets {
    private final List<BufferedReader> readers = new ArrayList<>();
    private int id;

    JsonLines(Nodes nodes) throws IOException {
      super(nodes, Door.JSON);
      for (var socket : sockets) {
        readers.add(
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)));
      }
    }

    @Override
    public void put(int node, String key, String value) throws IOException, Refused {
      ask(node, "\"op\":\"put\",\"key\":\"%s\",\"value\":\"%s\"".formatted(key, value));
    }

    @Override
    public String get(int node, String key) throws IOException, Refused {
      return ask(node, "\"op\":\"get\",\"key\":\"%s\"".formatted(key)).getString("value", null);
    }

    private jakarta.json.JsonObject ask(int node, String members) throws IOException, Refused {
      id++;
      var line = "{%s,\"id\":%d}\n".formatted(members, id);
      sockets.get(index(node)).getOutputStream().write(utf8(line));
      var answer = readers.get(index(node)).readLine();
      if (answer == null) {
        throw new EOFException("the door hung up");
      }
      try (var reader = Json.createReader(new StringReader(answer))) {
        var object = reader.readObject();
        if (object.getInt("id", -1) != id) {
          throw new IOException("the answer to another request than " + id + ": " + answer);
        }
        if (object.containsKey("error")) {
          throw new Refused(answer);
        }
        return object;
      }
    }
  }

  private static final class Http implements Way {
    private final HttpClient client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Nodes nodes;

    Http(Nodes nodes) {
      this.nodes = nodes;
    }

    private HttpRequest.Builder request(int node, String key) {
      InetSocketAddress door = nodes.of(node).doors().get(Door.HTTP);
      var uri = "http://%s:%d/v1/kv/%s".formatted(door.getHostString(), door.getPort(), key);
      return HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofMillis(PATIENCE_MILLIS));
    }

    private String send(HttpRequest request) throws IOException, InterruptedException, Refused {
      var answer = client.send(request, BodyHandlers.ofString());
      return switch (answer.statusCode()) {
        case 200 -> answer.body();
        case 404 -> null;
        case 429, 503 -> throw new Refused(answer.body());
        default -> throw new IOException(answer.statusCode() + ": " + answer.body());
      };
    }

    @Override
    public void put(int node, String key, String value) throws Exception {
      send(request(node, key).PUT(HttpRequest.BodyPublishers.ofString(value)).build());
    }

    @Override
    public String get(int node, String key) throws Exception {
      return send(request(node, key).build());
    }

    @Override
    public void close() {
      client.shutdownNow();
      try {
        client.awaitTermination(Duration.ofNanos(TimeUnit.SECONDS.toNanos(5)));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
