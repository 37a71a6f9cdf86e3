package dev.kelvin.checker.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.kelvin.checker.Answer;
import dev.kelvin.checker.Kv;
import dev.kelvin.checker.Operation.Answered;
import dev.kelvin.checker.Request;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.CompactionResponse;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeResponse;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.PutResponse;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.ResponseOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.proto.etcdserverpb.TxnResponse;
import dev.kelvin.proto.mvccpb.KeyValue;
import java.util.List;

/** Between the checker's plain records and etcd's messages. */
public final class Messages {
  private Messages() {}

  public static RangeRequest range(Request.Range range) {
    var builder =
        RangeRequest.newBuilder()
            .setKey(bytes(range.key()))
            .setRevision(range.revision())
            .setLimit(range.limit())
            .setSerializable(range.serializable());
    if (range.end() != null) {
      builder.setRangeEnd(bytes(range.end()));
    }
    return builder.build();
  }

  public static CompactionRequest compaction(Request.Compact compact) {
    return CompactionRequest.newBuilder().setRevision(compact.revision()).build();
  }

  /**
   * @throws IllegalArgumentException for what is no answer of the KV service
   */
  public static Answered answered(MessageLite response) {
    return switch (response) {
      case PutResponse put -> new Answered(put.getHeader().getRevision(), answer(put));
      case RangeResponse range -> new Answered(range.getHeader().getRevision(), answer(range));
      case DeleteRangeResponse delete ->
          new Answered(delete.getHeader().getRevision(), answer(delete));
      case TxnResponse txn ->
          new Answered(
              txn.getHeader().getRevision(),
              new Answer.Txn(
                  txn.getSucceeded(),
                  txn.getResponsesList().stream().map(Messages::answer).toList()));
      case CompactionResponse compaction ->
          new Answered(compaction.getHeader().getRevision(), new Answer.Compact());
      default -> throw new IllegalArgumentException("unexpected answer " + response);
    };
  }

  public static PutRequest put(Request.Put put) {
    return PutRequest.newBuilder()
        .setKey(bytes(put.key()))
        .setValue(bytes(put.value()))
        .setPrevKv(put.prevKv())
        .build();
  }

  public static DeleteRangeRequest delete(Request.DeleteRange delete) {
    var builder =
        DeleteRangeRequest.newBuilder().setKey(bytes(delete.key())).setPrevKv(delete.prevKv());
    if (delete.end() != null) {
      builder.setRangeEnd(bytes(delete.end()));
    }
    return builder.build();
  }

  public static TxnRequest txn(Request.Txn txn) {
    var builder = TxnRequest.newBuilder();
    txn.compares().forEach(compare -> builder.addCompare(compare(compare)));
    txn.success().forEach(step -> builder.addSuccess(step(step)));
    txn.failure().forEach(step -> builder.addFailure(step(step)));
    return builder.build();
  }

  private static RequestOp step(Request.Step step) {
    var builder = RequestOp.newBuilder();
    switch (step) {
      case Request.Put put -> builder.setRequestPut(put(put));
      case Request.Range range -> builder.setRequestRange(range(range));
      case Request.DeleteRange delete -> builder.setRequestDeleteRange(delete(delete));
    }
    return builder.build();
  }

  private static dev.kelvin.proto.etcdserverpb.Compare compare(Request.Compare compare) {
    var builder =
        dev.kelvin.proto.etcdserverpb.Compare.newBuilder()
            .setKey(bytes(compare.key()))
            .setResult(
                dev.kelvin.proto.etcdserverpb.Compare.CompareResult.valueOf(
                    compare.relation().name()))
            .setTarget(
                dev.kelvin.proto.etcdserverpb.Compare.CompareTarget.valueOf(
                    compare.target().name()));
    switch (compare.target()) {
      case VERSION -> builder.setVersion(compare.number());
      case CREATE -> builder.setCreateRevision(compare.number());
      case MOD -> builder.setModRevision(compare.number());
      case VALUE -> builder.setValue(bytes(compare.value()));
    }
    return builder.build();
  }

  private static Answer answer(ResponseOp response) {
    return switch (response.getResponseCase()) {
      case RESPONSE_PUT -> answer(response.getResponsePut());
      case RESPONSE_RANGE -> answer(response.getResponseRange());
      case RESPONSE_DELETE_RANGE -> answer(response.getResponseDeleteRange());
      default -> throw new IllegalStateException("unexpected answer " + response);
    };
  }

  private static Answer answer(PutResponse put) {
    return new Answer.Put(put.hasPrevKv() ? kv(put.getPrevKv()) : null);
  }

  private static Answer answer(RangeResponse range) {
    return new Answer.Range(kvs(range.getKvsList()), range.getCount(), range.getMore());
  }

  private static Answer answer(DeleteRangeResponse delete) {
    return new Answer.DeleteRange(delete.getDeleted(), kvs(delete.getPrevKvsList()));
  }

  private static List<Kv> kvs(List<KeyValue> kvs) {
    return kvs.stream().map(Messages::kv).toList();
  }

  private static Kv kv(KeyValue kv) {
    return new Kv(
        kv.getKey().toStringUtf8(),
        kv.getValue().toStringUtf8(),
        kv.getCreateRevision(),
        kv.getModRevision(),
        kv.getVersion());
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
