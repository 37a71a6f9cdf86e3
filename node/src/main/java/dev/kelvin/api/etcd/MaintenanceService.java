package dev.kelvin.api.etcd;

import dev.kelvin.api.ApiError;
import dev.kelvin.api.ApiLevel;
import dev.kelvin.api.Exchange;
import dev.kelvin.api.Requests;
import dev.kelvin.member.Node;
import dev.kelvin.member.Refusal;
import dev.kelvin.proto.etcdserverpb.AlarmRequest;
import dev.kelvin.proto.etcdserverpb.AlarmResponse;
import dev.kelvin.proto.etcdserverpb.DowngradeInfo;
import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.MoveLeaderRequest;
import dev.kelvin.proto.etcdserverpb.MoveLeaderResponse;
import dev.kelvin.proto.etcdserverpb.StatusRequest;
import dev.kelvin.proto.etcdserverpb.StatusResponse;
import dev.kelvin.store.Outcome;
import java.util.Map;
import java.util.function.Supplier;

/** etcdserverpb.Maintenance: what there is to see, and where leadership goes. */
final class MaintenanceService {
  private static final int UNIMPLEMENTED = 12;
  private static final ApiError NO_ALARMS =
      new ApiError(UNIMPLEMENTED, "kelvin: alarms cannot be set or cleared, there are none");

  private final Node node;
  private final Requests requests;
  private final Answers answers;

  MaintenanceService(Node node, Requests requests, Answers answers) {
    this.node = node;
    this.requests = requests;
    this.answers = answers;
  }

  Map<String, Call.Method> methods() {
    return Map.of(
        "Status",
        (in, call) -> {
          StatusRequest.parseFrom(in);
          answer(call, true, this::status);
        },
        "Alarm",
        (in, call) -> alarm(AlarmRequest.parseFrom(in), call),
        "HashKV",
        (in, call) -> requests.hash(HashKVRequest.parseFrom(in), call),
        "MoveLeader",
        (in, call) -> moveLeader(MoveLeaderRequest.parseFrom(in), call));
  }

  private void answer(Exchange exchange, boolean learnerToo, Supplier<Outcome> answer) {
    var error = requests.admit(exchange, learnerToo);
    if (error != null) {
      exchange.refuse(error);
    } else {
      exchange.done(answer.get());
    }
  }

  /** Nothing raises alarms, so there is a true answer to who has one, and nothing to change. */
  private void alarm(AlarmRequest request, Exchange exchange) {
    if (request.getAction() == AlarmRequest.AlarmAction.GET) {
      answer(exchange, false, this::alarms);
    } else {
      exchange.refuse(NO_ALARMS);
    }
  }

  /** As in etcd, a matter of the leader: others refuse. */
  private void moveLeader(MoveLeaderRequest request, Exchange exchange) {
    var error = requests.admit(exchange, false);
    if (error != null) {
      exchange.refuse(error);
      return;
    }
    if (node.replica().status().leader() != node.memberId()) {
      exchange.refuse(ApiError.of(Refusal.NOT_LEADER));
      return;
    }
    if (request.getTargetID() == 0) {
      exchange.refuse(ApiError.of(Refusal.BAD_TRANSFEREE));
      return;
    }
    node.changes()
        .transfer(
            request.getTargetID(),
            refusal -> exchange.lane().execute(() -> moved(refusal, exchange)));
  }

  private void moved(Refusal refusal, Exchange exchange) {
    if (refusal != null) {
      exchange.refuse(ApiError.of(refusal));
    } else {
      // Empty, without a header even, as etcd's.
      exchange.done(new Outcome.Done(MoveLeaderResponse.getDefaultInstance()));
    }
  }

  private Outcome alarms() {
    long revision = node.reader().revision();
    return new Outcome.Done(AlarmResponse.newBuilder().setHeader(answers.header(revision)).build());
  }

  private Outcome status() {
    var raft = node.replica().status();
    var reader = node.reader();
    var response =
        StatusResponse.newBuilder()
            .setHeader(answers.header(reader.revision()))
            .setVersion(ApiLevel.SERVER)
            .setStorageVersion(ApiLevel.STORAGE)
            .setDbSize(reader.sizeOnDisk())
            .setDbSizeInUse(reader.sizeInUse())
            .setLeader(raft.leader())
            .setRaftIndex(raft.commit())
            .setRaftAppliedIndex(raft.applied())
            .setRaftTerm(raft.term())
            .setIsLearner(node.state() == Node.State.LEARNER)
            .setDowngradeInfo(DowngradeInfo.getDefaultInstance());
    if (raft.leader() == 0) {
      response.addErrors(ApiError.NO_LEADER.text());
    }
    return new Outcome.Done(response.build());
  }
}
