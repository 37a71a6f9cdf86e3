package dev.kelvin.process;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;

/** Keys and values as text, through a node's own connection. */
final class Kv {
  private Kv() {}

  static void put(NodeProcess node, String key, String value) {
    node.kv()
        .put(
            PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFromUtf8(value))
                .build());
  }

  /** The value of a key that exists. */
  static String read(NodeProcess node, String key) {
    return node.kv().range(range(key)).getKvs(0).getValue().toStringUtf8();
  }

  static RangeRequest range(String key) {
    return RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
  }
}
