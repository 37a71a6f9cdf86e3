package dev.kelvin.differential;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.WatchCreateRequest;
import dev.kelvin.proto.etcdserverpb.WatchProgressRequest;
import dev.kelvin.proto.etcdserverpb.WatchRequest;

/** Requests that the comparison makes for itself. */
final class Requests {
  /** The API's "no end". */
  static final ByteString ENDLESS = ByteString.copyFrom(new byte[1]);

  /** Written when everybody who watches should have heard of all that was before. */
  private static final ByteString FENCE = ByteString.copyFromUtf8("~fence");

  private Requests() {}

  static RangeRequest get(String key) {
    return RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
  }

  static PutRequest fence() {
    return PutRequest.newBuilder().setKey(FENCE).build();
  }

  static WatchRequest watchFence() {
    return WatchRequest.newBuilder()
        .setCreateRequest(WatchCreateRequest.newBuilder().setKey(FENCE))
        .build();
  }

  static WatchRequest progress() {
    return WatchRequest.newBuilder()
        .setProgressRequest(WatchProgressRequest.getDefaultInstance())
        .build();
  }
}
