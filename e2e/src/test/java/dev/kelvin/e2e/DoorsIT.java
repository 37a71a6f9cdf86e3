package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.kelvin.proto.v1.GetRequest;
import dev.kelvin.proto.v1.KeyValueGrpc;
import dev.kelvin.proto.v1.SetRequest;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.grpc.netty.NettyChannelBuilder;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A cluster with every door open, reached as a person does; then one is shut. */
class DoorsIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  private static final int CLIENT = 2379;
  private static final int HTTP = 2381;
  private static final int CACHE = 2391;
  private static final int JSON = 2392;
  private static final int MILLIS = 20_000;

  private static final Cluster CLUSTER = new Cluster(SCENARIO, "demo");

  /** No text: what the doors for bytes must not change. */
  private static final byte[] BYTES = {0, 1, (byte) 0xff, '\n', (byte) 0xc3};

  @BeforeAll
  static void everyDoorIsOpen() {
    Kubernetes.get().withOperator();
    CLUSTER.apply(
        "{replicas: 3, storage: {size: 1Gi}, protocols: {http: true, cache: true, json: true}}");
    CLUSTER.awaitSettled(3);
  }

  @Test
  void eachServesThroughAPortForwardAndOneThatIsShutIsRolledAway() throws Exception {
    try (var doors = Forward.to(SCENARIO, "service/demo-client", CLIENT, HTTP, CACHE, JSON)) {
      everyDoorLeadsToTheSameKeys(doors);
    }
    for (var service : List.of("demo-client", "demo-leader")) {
      assertEquals("2379 2381 2391 2392", ports(service));
    }

    var checker = Checker.start(SCENARIO, "demo");
    var took = Stopwatch.start();
    try (var watch = new PodWatch(SCENARIO, "demo")) {
      CLUSTER.patch("{\"protocols\": {\"json\": false}}");
      CLUSTER.awaitSettled(3);
      assertEquals(1, watch.mostAway(), "pods away at a time");
    }
    System.out.println("a door is shut on three pods: " + took + "; " + checker.finish());

    for (var service : List.of("demo-client", "demo-leader")) {
      assertEquals("2379 2381 2391", ports(service));
    }
    var said = SCENARIO.attempt("port-forward service/demo-client :2392");
    assertTrue(said.output().contains("does not have a service port 2392"), said.output());
    assertTrue(shut(JSON), "shut, and somebody answers");
    try (var doors = Forward.to(SCENARIO, "service/demo-leader", CACHE)) {
      assertArrayEquals(BYTES, cacheGet(doors, "cache/bytes"));
    }
  }

  private static void everyDoorLeadsToTheSameKeys(Forward doors) throws Exception {
    var etcdctl = "etcdctl --endpoints 127.0.0.1:%d ".formatted(doors.port(CLIENT));
    var shell = SCENARIO.kubernetes().shell();
    shell.run(etcdctl + "put greeting hello");

    var http = HttpClient.newHttpClient();
    var keys = "http://127.0.0.1:%d/v1/kv/".formatted(doors.port(HTTP));
    var got =
        http.send(
            HttpRequest.newBuilder(URI.create(keys + "greeting")).build(), BodyHandlers.ofString());
    assertEquals("hello", got.body().strip());

    smallService(doors);

    cacheSet(doors, "cache/bytes", BYTES);
    assertArrayEquals(BYTES, cacheGet(doors, "cache/bytes"));
    assertArrayEquals("hello".getBytes(StandardCharsets.UTF_8), cacheGet(doors, "greeting"));

    assertEquals(
        "hello", json(doors, "{\"op\":\"get\",\"key\":\"greeting\"}").path("value").asText());
    var put = json(doors, "{\"id\":7,\"op\":\"put\",\"key\":\"json\",\"value\":\"from a line\"}");
    assertEquals(7, put.path("id").asInt(), put.toString());
    assertTrue(put.path("revision").asLong() > 1, put.toString());
    assertEquals("from a line\n", shell.run(etcdctl + "get json --print-value-only"));
    var whole =
        shell.run(etcdctl + "get cache/bytes --print-value-only | od -An -tx1 | tr -d ' \\n'");
    assertTrue(whole.startsWith("0001ff0ac3"), whole);
  }

  /** On the client port, beside etcd's services. */
  private static void smallService(Forward doors) {
    var channel =
        NettyChannelBuilder.forAddress("127.0.0.1", doors.port(CLIENT)).usePlaintext().build();
    try {
      var service =
          KeyValueGrpc.newBlockingStub(channel).withDeadlineAfter(MILLIS, TimeUnit.MILLISECONDS);
      var key = ByteString.copyFromUtf8("small");
      var set = SetRequest.newBuilder().setKey(key).setValue(ByteString.copyFrom(BYTES)).build();
      assertTrue(service.set(set).getSuccess());
      var got = service.get(GetRequest.newBuilder().setKey(key).build());
      assertArrayEquals(BYTES, got.getValue().toByteArray());
    } finally {
      channel.shutdownNow();
    }
  }

  // The binary protocol, as docs/protocols.md has it: little-endian.

  private static ByteBuffer frame(int command, int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).put((byte) command);
  }

  private static void cacheSet(Forward doors, String key, byte[] value) throws IOException {
    var name = key.getBytes(StandardCharsets.UTF_8);
    var request = frame(1, 13 + name.length + value.length);
    request.putInt(name.length).put(name).putInt(value.length).put(value).putInt(0);
    try (var socket = connect(doors.port(CACHE))) {
      socket.getOutputStream().write(request.array());
      assertEquals(1, socket.getInputStream().read(), "status of SET");
    }
  }

  private static byte[] cacheGet(Forward doors, String key) throws IOException {
    var name = key.getBytes(StandardCharsets.UTF_8);
    var request = frame(2, 5 + name.length).putInt(name.length).put(name);
    try (var socket = connect(doors.port(CACHE))) {
      socket.getOutputStream().write(request.array());
      var answer = new DataInputStream(socket.getInputStream());
      assertEquals(1, answer.read(), "status of GET");
      var value = new byte[Integer.reverseBytes(answer.readInt())];
      answer.readFully(value);
      return value;
    }
  }

  private static JsonNode json(Forward doors, String line) throws IOException {
    try (var socket = connect(doors.port(JSON))) {
      socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      var answer =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      return Serialization.unmarshal(answer.readLine(), JsonNode.class);
    }
  }

  private static Socket connect(int port) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(MILLIS);
    return socket;
  }

  /** Whether nobody answers on a port of a pod. */
  private static boolean shut(int port) throws IOException {
    try (var door = Forward.to(SCENARIO, "pod/demo-0", port);
        var socket = connect(door.port(port))) {
      socket.getOutputStream().write("{}\n".getBytes(StandardCharsets.UTF_8));
      return socket.getInputStream().read() < 0;
    } catch (SocketException e) {
      // What is forwarded to nowhere is reset, now or while it is written.
      return true;
    }
  }

  private static String ports(String service) {
    return SCENARIO.kubectl(
        "get service %s --output jsonpath='{.spec.ports[*].port}'".formatted(service));
  }
}
