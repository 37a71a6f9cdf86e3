package dev.kelvin.api.etcd;

import com.google.protobuf.MessageLite;
import dev.kelvin.api.ApiError;
import dev.kelvin.api.Exchange;
import dev.kelvin.api.Requests;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeResponse;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.v1.DeleteRequest;
import dev.kelvin.proto.v1.DeleteResponse;
import dev.kelvin.proto.v1.GetRequest;
import dev.kelvin.proto.v1.GetResponse;
import dev.kelvin.proto.v1.SetRequest;
import dev.kelvin.proto.v1.SetResponse;
import dev.kelvin.store.Outcome;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** kelvin.v1.KeyValue: a put, a get and a deletion of one key, in fewer words than etcd's. */
final class KeyValueService {
  private static final ApiError NEGATIVE_TTL =
      new ApiError(3, "kelvin: ttl_seconds must not be negative");

  private static final SetResponse SET = SetResponse.newBuilder().setSuccess(true).build();

  private final Requests requests;

  KeyValueService(Requests requests) {
    this.requests = requests;
  }

  Map<String, Call.Method> methods() {
    return Map.of(
        "Set",
        (in, call) -> set(SetRequest.parseFrom(in), call),
        "Get",
        (in, call) -> get(GetRequest.parseFrom(in), call),
        "Delete",
        (in, call) -> delete(DeleteRequest.parseFrom(in), call));
  }

  private void set(SetRequest request, Exchange call) {
    var answered = new Answered(call, _ -> SET);
    long ttl = request.getTtlSeconds();
    if (ttl < 0) {
      call.refuse(NEGATIVE_TTL);
      return;
    }
    var put = PutRequest.newBuilder().setKey(request.getKey()).setValue(request.getValue()).build();
    if (ttl == 0) {
      requests.put(put, put.toByteArray(), answered);
    } else {
      requests.put(put, ttl, answered);
    }
  }

  private void get(GetRequest request, Exchange call) {
    requests.range(
        RangeRequest.newBuilder().setKey(request.getKey()).build(),
        new Answered(call, KeyValueService::got));
  }

  private static MessageLite got(Outcome outcome) {
    if (!(outcome instanceof Outcome.Done(RangeResponse range))) {
      throw new IllegalStateException("not a range's: " + outcome);
    }
    return range.getKvsCount() == 0
        ? GetResponse.getDefaultInstance()
        : GetResponse.newBuilder().setFound(true).setValue(range.getKvs(0).getValue()).build();
  }

  private void delete(DeleteRequest request, Exchange call) {
    var deletion = DeleteRangeRequest.newBuilder().setKey(request.getKey()).build();
    requests.delete(deletion, deletion.toByteArray(), new Answered(call, KeyValueService::deleted));
  }

  private static MessageLite deleted(Outcome outcome) {
    if (!(outcome instanceof Outcome.Done(DeleteRangeResponse deletion))) {
      throw new IllegalStateException("not a deletion's: " + outcome);
    }
    return DeleteResponse.newBuilder().setSuccess(true).setFound(deletion.getDeleted() > 0).build();
  }

  /** A call whose answer is said in this service's words. */
  private record Answered(Exchange call, Function<Outcome, MessageLite> words) implements Exchange {
    @Override
    public Executor lane() {
      return call.lane();
    }

    @Override
    public boolean requiresLeader() {
      return call.requiresLeader();
    }

    @Override
    public void done(Outcome outcome) {
      call.done(new Outcome.Done(words.apply(outcome)));
    }

    @Override
    public void refuse(ApiError error) {
      call.refuse(error);
    }
  }
}
