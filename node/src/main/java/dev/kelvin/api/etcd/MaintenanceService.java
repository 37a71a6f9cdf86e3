package dev.kelvin.api.etcd;

import dev.kelvin.api.ApiError;
import dev.kelvin.api.ApiLevel;
import dev.kelvin.api.Exchange;
import dev.kelvin.api.Requests;
import dev.kelvin.member.Node;
import dev.kelvin.member.Refusal;
import dev.kelvin.proto.etcdserverpb.AlarmRequest;
import dev.kelvin.proto.etcdserverpb.DowngradeInfo;
import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.MoveLeaderRequest;
import dev.kelvin.proto.etcdserverpb.MoveLeaderResponse;
import dev.kelvin.proto.etcdserverpb.StatusRequest;
import dev.kelvin.proto.etcdserverpb.StatusResponse;
import dev.kelvin.store.Outcome;
import java.util.Map;
import java.util.function.Supplier;

/** etcdserverpb.Maintenance: what there is to see, alarms, and where leadership goes. */
final class MaintenanceService {
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
        (in, call) -> requests.alarm(AlarmRequest.parseFrom(in), in, call),
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
      // etcd gives no revision here.
      exchange.done(
          new Outcome.Done(MoveLeaderResponse.newBuilder().setHeader(answers.header(0)).build()));
    }
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
            .setDbSizeQuota(requests.limits().quotaBytes())
            .setLeader(raft.leader())
            .setRaftIndex(raft.commit())
            .setRaftAppliedIndex(raft.applied())
            .setRaftTerm(raft.term())
            .setIsLearner(node.state() == Node.State.LEARNER)
            .setDowngradeInfo(DowngradeInfo.getDefaultInstance());
    if (raft.leader() == 0) {
      response.addErrors(ApiError.NO_LEADER.text());
    }
    reader.alarms().forEach(alarm -> response.addErrors(alarm.toString()));
    return new Outcome.Done(response.build());
  }
}
