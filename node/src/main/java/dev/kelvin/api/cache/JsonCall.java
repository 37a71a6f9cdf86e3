package dev.kelvin.api.cache;

import com.google.protobuf.ByteString;
import dev.kelvin.api.ApiError;
import dev.kelvin.api.Requests;
import dev.kelvin.member.Node;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeResponse;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.mvccpb.KeyValue;
import dev.kelvin.store.Outcome;
import java.util.Base64;
import java.util.Optional;

/** A get, put or delete of the JSON protocol. */
final class JsonCall extends JsonOperation {
  /** What a byte of a value may take in an answer, more or less. */
  private static final int ESCAPED = 3;

  private final Node node;
  private final Requests requests;
  private JsonRequest request;

  JsonCall(
      Connection connection,
      Node node,
      Requests requests,
      JsonRequest request,
      int size,
      int held) {
    super(connection, request.id(), request.key(), request.op() != JsonRequest.Op.GET, size, held);
    this.node = node;
    this.requests = requests;
    this.request = request;
  }

  @Override
  void begin() {
    var replica = request.redirect() ? node.replica() : null;
    if (replica != null && replica.status().leader() != node.memberId()) {
      node.leader(leader -> lane().execute(() -> redirect(leader)));
    } else {
      carryOut();
    }
  }

  private void redirect(Optional<Node.Leader> known) {
    if (known.isEmpty()) {
      refuse(ApiError.NO_LEADER);
      return;
    }
    var leader = known.get();
    refuse(
        "not_leader",
        "this node does not lead",
        json -> {
          json.writeObjectFieldStart("leader");
          json.writeStringField("name", leader.name());
          if (!leader.jsonAddress().isEmpty()) {
            json.writeStringField("address", leader.jsonAddress());
          }
          json.writeEndObject();
        });
  }

  private void carryOut() {
    var asked = request;
    switch (asked.op()) {
      case GET -> requests.range(RangeRequest.newBuilder().setKey(asked.key()).build(), this);
      case PUT -> {
        var put = PutRequest.newBuilder().setKey(asked.key()).setValue(asked.value()).build();
        // The log holds it from here on.
        request = withoutValue(asked);
        if (asked.seconds() == 0) {
          requests.put(put, put.toByteArray(), this);
        } else {
          requests.put(put, asked.seconds(), this);
        }
      }
      case DELETE -> {
        var delete = DeleteRangeRequest.newBuilder().setKey(asked.key()).build();
        requests.delete(delete, delete.toByteArray(), this);
      }
    }
  }

  private static JsonRequest withoutValue(JsonRequest asked) {
    return new JsonRequest(
        asked.id(), asked.op(), asked.key(), null, asked.seconds(), asked.base64(), false);
  }

  @Override
  public void done(Outcome outcome) {
    switch (outcome) {
      case Outcome.PutDone(long revision) -> revision(revision);
      case Outcome.Done(RangeResponse found) -> found(found);
      case Outcome.Done(DeleteRangeResponse gone) ->
          answer(
              DoorMeter.Result.OK,
              json -> {
                json.writeNumberField("revision", gone.getHeader().getRevision());
                json.writeBooleanField("deleted", gone.getDeleted() > 0);
              });
      default -> throw new IllegalStateException("not an outcome of this door: " + outcome);
    }
  }

  private void revision(long revision) {
    answer(DoorMeter.Result.OK, json -> json.writeNumberField("revision", revision));
  }

  private void found(RangeResponse found) {
    long revision = found.getHeader().getRevision();
    if (found.getKvsCount() == 0) {
      answer(
          DoorMeter.Result.NOT_FOUND,
          json -> {
            json.writeNumberField("revision", revision);
            json.writeBooleanField("found", false);
          });
      return;
    }
    value(revision, found.getKvs(0));
  }

  private void value(long revision, KeyValue kv) {
    var value = kv.getValue();
    if (!request.base64() && !value.isValidUtf8()) {
      refuse(
          "failed_precondition",
          "the value is not UTF-8: ask with \"encoding\":\"base64\"",
          json -> {});
    } else if (!hold(ESCAPED * value.size())) {
      refuse(ApiError.TOO_MANY_REQUESTS);
    } else {
      boolean base64 = request.base64();
      answer(
          DoorMeter.Result.OK,
          json -> {
            json.writeNumberField("revision", revision);
            json.writeBooleanField("found", true);
            json.writeStringField("value", text(value, base64));
            json.writeNumberField("mod_revision", kv.getModRevision());
          });
    }
  }

  private static String text(ByteString value, boolean base64) {
    return base64 ? Base64.getEncoder().encodeToString(value.toByteArray()) : value.toStringUtf8();
  }
}
