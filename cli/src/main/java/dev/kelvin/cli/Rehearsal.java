package dev.kelvin.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.kelvin.proto.etcdserverpb.DeleteRangeResponse;
import dev.kelvin.proto.etcdserverpb.LeaseGrantResponse;
import dev.kelvin.proto.etcdserverpb.MemberListResponse;
import dev.kelvin.proto.etcdserverpb.PutResponse;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;
import dev.kelvin.proto.etcdserverpb.StatusResponse;
import dev.kelvin.proto.etcdserverpb.TxnResponse;
import dev.kelvin.proto.etcdserverpb.WatchResponse;
import dev.kelvin.proto.mvccpb.KeyValue;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * The usual commands against a stand-in for a node, for a JVM that records which classes they take
 * ({@code -XX:AOTCacheOutput}). Part of the build.
 */
final class Rehearsal {
  private static final int PREFACE = 24;
  private static final ByteString KEY = ByteString.copyFromUtf8("key");
  private static final ResponseHeader HEADER =
      ResponseHeader.newBuilder().setClusterId(1).setMemberId(1).setRevision(1).build();
  private static final KeyValue KV =
      KeyValue.newBuilder().setKey(KEY).setValue(KEY).setModRevision(1).setVersion(1).build();

  /** By the end of a method's name. */
  private static final Map<String, MessageLite> ANSWERS =
      Map.of(
          "KV/Put", PutResponse.newBuilder().setHeader(HEADER).build(),
          "KV/Range", RangeResponse.newBuilder().setHeader(HEADER).addKvs(KV).setCount(1).build(),
          "KV/DeleteRange",
              DeleteRangeResponse.newBuilder().setHeader(HEADER).setDeleted(1).build(),
          "KV/Txn", TxnResponse.newBuilder().setHeader(HEADER).setSucceeded(true).build(),
          "Lease/LeaseGrant",
              LeaseGrantResponse.newBuilder().setHeader(HEADER).setID(1).setTTL(1).build(),
          "Cluster/MemberList", MemberListResponse.newBuilder().setHeader(HEADER).build(),
          "Maintenance/Status", StatusResponse.newBuilder().setHeader(HEADER).build(),
          "Watch/Watch",
              WatchResponse.newBuilder()
                  .setHeader(HEADER)
                  .setCanceled(true)
                  .setCompactRevision(1)
                  .build());

  private Rehearsal() {}

  public static void main(String[] args) throws IOException {
    var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().start(() -> serve(server));
    var there = "127.0.0.1:" + server.getLocalPort();
    for (var line :
        List.of(
            "--help",
            "--version",
            "get --help",
            "put key value",
            "put key",
            "get key",
            "get --prefix key -w json",
            "get --prefix key -w table",
            "del key",
            "txn",
            "lease grant 10",
            "member list",
            "status",
            "status -w json",
            "watch key")) {
      rehearse(there, line.split(" "));
    }
    rehearse(there, "gte", "key");
    rehearse("127.0.0.1:1", "get", "key", "--timeout", "50ms");
  }

  private static void rehearse(String endpoints, String... words) {
    Main.run(
        words,
        Map.of("KELVIN_ENDPOINTS", endpoints),
        new ByteArrayInputStream("value(k) = \"v\"\n\nput k v\n".getBytes(StandardCharsets.UTF_8)),
        OutputStream.nullOutputStream(),
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
  }

  private static void serve(ServerSocket server) {
    while (true) {
      try (var socket = server.accept()) {
        serve(socket);
      } catch (IOException e) {
        // The client is done with it.
        continue;
      }
    }
  }

  private static void serve(Socket socket) throws IOException {
    var in = new DataInputStream(socket.getInputStream());
    var out = new DataOutputStream(socket.getOutputStream());
    in.readNBytes(PREFACE);
    frame(out, 4, 0, 0, new byte[0]);
    var asked = "";
    while (true) {
      int first = in.readInt();
      int type = first & 0xff;
      in.readByte();
      int stream = in.readInt();
      var payload = in.readNBytes(first >>> 8);
      if (type == 1) {
        asked = new String(payload, StandardCharsets.ISO_8859_1);
      } else if (type == 0) {
        answer(out, stream, asked);
      }
    }
  }

  private static void answer(DataOutputStream out, int stream, String asked) throws IOException {
    for (var answer : ANSWERS.entrySet()) {
      if (asked.contains("/etcdserverpb." + answer.getKey())) {
        frame(out, 1, 4, stream, new byte[] {(byte) 0x88});
        var message = answer.getValue().toByteArray();
        var data = new byte[5 + message.length];
        data[4] = (byte) message.length;
        System.arraycopy(message, 0, data, 5, message.length);
        frame(out, 0, 0, stream, data);
        // grpc-status: 0
        frame(out, 1, 5, stream, "\0\013grpc-status\0010".getBytes(StandardCharsets.US_ASCII));
      }
    }
  }

  private static void frame(DataOutputStream out, int type, int flags, int stream, byte[] payload)
      throws IOException {
    out.writeInt(payload.length << 8 | type);
    out.writeByte(flags);
    out.writeInt(stream);
    out.write(payload);
  }
}
