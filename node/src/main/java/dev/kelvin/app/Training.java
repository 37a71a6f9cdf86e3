package dev.kelvin.app;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.care.CareGrpc;
import dev.kelvin.proto.care.State;
import dev.kelvin.proto.care.StatusRequest;
import dev.kelvin.proto.care.TransferRequest;
import dev.kelvin.proto.etcdserverpb.Compare;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.KVGrpc;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.quarkus.runtime.Quarkus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * A short life of a cluster, for the JVM to learn which classes it takes: founded, grown to three,
 * used through its first node, which leads and then follows. All of it in this process.
 */
final class Training {
  private static final int NODES = 3;
  private static final int ROUNDS = 20;
  private static final int CALLS = 64;
  private static final long PATIENCE_SECONDS = 30;

  private final List<Options> nodes;

  private Training(List<Options> nodes) {
    this.nodes = nodes;
  }

  static Training prepare() throws IOException {
    var directory = Files.createTempDirectory("kelvin-training");
    Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
    var addresses = freeAddresses(3 * NODES);
    var nodes = new ArrayList<Options>();
    for (int i = 0; i < NODES; i++) {
      var values = new EnumMap<Setting, String>(Setting.class);
      values.put(Setting.NAME, "n" + i);
      values.put(Setting.DATA_DIR, directory.resolve("n" + i).toString());
      values.put(Setting.LISTEN_CLIENT, addresses.get(3 * i));
      values.put(Setting.LISTEN_PEER, addresses.get(3 * i + 1));
      values.put(Setting.LISTEN_HTTP, addresses.get(3 * i + 2));
      values.put(Setting.LOG_LEVEL, "error");
      values.put(Setting.LOG_SEGMENT_SIZE, "1MiB");
      values.put(Setting.DISK_RESERVE, "1MiB");
      if (i == 0) {
        values.put(Setting.BOOTSTRAP, "true");
      } else {
        values.put(Setting.JOIN, addresses.get(1));
      }
      nodes.add(OptionParser.parse(Sources.merge(values, Map.of(), null)));
    }
    return new Training(nodes);
  }

  /** The node that the framework is started for. */
  Options first() {
    return nodes.getFirst();
  }

  /** The first node serves: all the rest, after which the process ends. */
  void begin() {
    Thread.ofPlatform().name("kelvin-training").daemon().start(this::run);
  }

  private void run() {
    try {
      train();
      Quarkus.asyncExit(0);
    } catch (Exception e) {
      System.err.println("kelvin: training failed: " + e);
      Quarkus.asyncExit(1);
    }
  }

  private void train() throws Exception {
    var others = new ArrayList<NodeFactory.Running>();
    var client = channel(first().listenClient());
    var peer = channel(first().listenPeer());
    try {
      for (var options : nodes.subList(1, NODES)) {
        others.add(Nodes.factory().start(options));
      }
      var care = CareGrpc.newBlockingStub(peer);
      awaitVoters(care);
      use(KVGrpc.newFutureStub(client));
      care.transfer(TransferRequest.getDefaultInstance());
      use(KVGrpc.newFutureStub(client));
      look();
    } finally {
      client.shutdownNow();
      peer.shutdownNow();
      others.forEach(NodeFactory.Running::close);
    }
  }

  private static void awaitVoters(CareGrpc.CareBlockingStub care) throws TimeoutException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      var status = care.status(StatusRequest.getDefaultInstance());
      if (status.getState() == State.VOTER
          && status.getMembersList().stream().filter(m -> !m.getLearner()).count() == NODES) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new TimeoutException("no cluster of three");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  /** The calls that most clients make, many at a time. */
  private static void use(KVGrpc.KVFutureStub kv)
      throws ExecutionException, InterruptedException, TimeoutException {
    var value = ByteString.copyFrom(new byte[256]);
    var calls = new ArrayList<Future<?>>();
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < CALLS; i++) {
        var key = ByteString.copyFromUtf8("key-" + (round % 8 * CALLS + i));
        var range = RangeRequest.newBuilder().setKey(key).build();
        var put = PutRequest.newBuilder().setKey(key).setValue(value).build();
        calls.add(kv.put(put));
        calls.add(kv.range(range));
        if (i == 0) {
          calls.add(kv.range(range.toBuilder().setSerializable(true).build()));
          calls.add(kv.range(range.toBuilder().setRangeEnd(key.substring(0, 1)).build()));
          calls.add(kv.txn(transaction(key, put)));
          calls.add(kv.deleteRange(DeleteRangeRequest.newBuilder().setKey(key).build()));
        }
      }
      for (var call : calls) {
        call.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
      calls.clear();
    }
  }

  private static TxnRequest transaction(ByteString key, PutRequest put) {
    return TxnRequest.newBuilder()
        .addCompare(
            Compare.newBuilder()
                .setKey(key)
                .setTarget(Compare.CompareTarget.VERSION)
                .setResult(Compare.CompareResult.GREATER))
        .addSuccess(RequestOp.newBuilder().setRequestPut(put))
        .build();
  }

  /** What Kubernetes and Prometheus ask for. */
  private void look() throws IOException {
    for (var path : List.of("/livez", "/readyz", "/metrics")) {
      var url = URI.create("http://" + first().listenHttp() + path).toURL();
      var connection = (HttpURLConnection) url.openConnection();
      connection.getInputStream().readAllBytes();
      connection.disconnect();
    }
  }

  private static ManagedChannel channel(Address address) {
    return NettyChannelBuilder.forAddress(address.host(), address.port()).usePlaintext().build();
  }

  private static List<String> freeAddresses(int count) throws IOException {
    var sockets = new ArrayList<ServerSocket>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().map(s -> "127.0.0.1:" + s.getLocalPort()).toList();
    } finally {
      for (var socket : sockets) {
        socket.close();
      }
    }
  }

  private static void delete(Path directory) {
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
