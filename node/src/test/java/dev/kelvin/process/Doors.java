package dev.kelvin.process;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.KVGrpc;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseGrpc;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest.SortTarget;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Ways into one cluster, Kelvin's or etcd's, that a test takes in turn. */
final class Doors implements AutoCloseable {
  final String name;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private int next;

  Doors(String name, List<String> addresses) {
    this.name = name;
    for (var address : addresses) {
      int colon = address.lastIndexOf(':');
      int port = Integer.parseInt(address.substring(colon + 1));
      channels.add(
          NettyChannelBuilder.forAddress(address.substring(0, colon), port).usePlaintext().build());
    }
  }

  /** The next one. */
  Channel any() {
    return channels.get(next++ % channels.size());
  }

  static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  KVGrpc.KVBlockingStub kv() {
    return KVGrpc.newBlockingStub(any()).withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  LeaseGrpc.LeaseBlockingStub leases() {
    return LeaseGrpc.newBlockingStub(any()).withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  long grant(long ttl) {
    return leases().leaseGrant(LeaseGrantRequest.newBuilder().setTTL(ttl).build()).getID();
  }

  void revoke(long lease) {
    leases().leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease).build());
  }

  /** Keys below a name, oldest first. */
  List<String> queue(String queue) {
    var range =
        RangeRequest.newBuilder()
            .setKey(bytes(queue + "/"))
            .setRangeEnd(bytes(queue + "0"))
            .setSortTarget(SortTarget.CREATE);
    return kv().range(range.build()).getKvsList().stream()
        .map(kv -> kv.getKey().toStringUtf8())
        .toList();
  }

  void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(name + ", not within 20 s: " + what);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
