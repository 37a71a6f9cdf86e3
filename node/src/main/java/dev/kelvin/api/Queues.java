package dev.kelvin.api;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.Compare;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest.SortOrder;
import dev.kelvin.proto.etcdserverpb.RangeRequest.SortTarget;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;

/**
 * How a queue for a lock or an election lies in the store, as etcd's {@code client/v3/concurrency}
 * has it, so that callers of the services and clients that do it themselves stand in one queue: one
 * key per lease below the name; who has been there longest is first.
 */
final class Queues {
  private static final ByteString SLASH = ByteString.copyFromUtf8("/");

  /** What follows a slash. */
  private static final ByteString AFTER_SLASH = ByteString.copyFromUtf8("0");

  private Queues() {}

  static ByteString key(ByteString name, long lease) {
    var hex = lease < 0 ? "-" + Long.toHexString(-lease) : Long.toHexString(lease);
    return name.concat(SLASH).concat(ByteString.copyFromUtf8(hex));
  }

  private static RangeRequest.Builder all(ByteString name) {
    return RangeRequest.newBuilder()
        .setKey(name.concat(SLASH))
        .setRangeEnd(name.concat(AFTER_SLASH))
        .setSortTarget(SortTarget.CREATE)
        .setLimit(1);
  }

  /** Asks for who is first. */
  static RangeRequest first(ByteString name) {
    return all(name).setSortOrder(SortOrder.ASCEND).build();
  }

  /** Asks this member for the last who was there before a revision. */
  static RangeRequest before(ByteString name, long created) {
    return all(name)
        .setSortOrder(SortOrder.DESCEND)
        .setMaxCreateRevision(created - 1)
        .setSerializable(true)
        .build();
  }

  /** Puts a key that does not exist, or reads it. */
  static TxnRequest enter(ByteString key, ByteString value, long lease) {
    return TxnRequest.newBuilder()
        .addCompare(createdAt(key, 0))
        .addSuccess(put(key, value, lease))
        .addFailure(
            RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(key).build()))
        .build();
  }

  /** Puts a key that was created at a revision. */
  static TxnRequest update(ByteString key, long created, ByteString value, long lease) {
    return TxnRequest.newBuilder()
        .addCompare(createdAt(key, created))
        .addSuccess(put(key, value, lease))
        .build();
  }

  /** Deletes a key that was created at a revision. */
  static TxnRequest leave(ByteString key, long created) {
    return TxnRequest.newBuilder()
        .addCompare(createdAt(key, created))
        .addSuccess(
            RequestOp.newBuilder()
                .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key)))
        .build();
  }

  private static Compare createdAt(ByteString key, long revision) {
    return Compare.newBuilder()
        .setKey(key)
        .setTarget(Compare.CompareTarget.CREATE)
        .setCreateRevision(revision)
        .build();
  }

  private static RequestOp put(ByteString key, ByteString value, long lease) {
    return RequestOp.newBuilder()
        .setRequestPut(PutRequest.newBuilder().setKey(key).setValue(value).setLease(lease))
        .build();
  }
}
