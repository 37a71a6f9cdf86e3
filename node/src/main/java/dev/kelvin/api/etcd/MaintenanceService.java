package dev.kelvin.api.etcd;

import dev.kelvin.api.ApiError;
import dev.kelvin.api.ApiLevel;
import dev.kelvin.api.Exchange;
import dev.kelvin.api.Requests;
import dev.kelvin.member.Node;
import dev.kelvin.member.Refusal;
import dev.kelvin.proto.etcdserverpb.AlarmRequest;
import dev.kelvin.proto.etcdserverpb.DefragmentRequest;
import dev.kelvin.proto.etcdserverpb.DefragmentResponse;
import dev.kelvin.proto.etcdserverpb.DowngradeInfo;
import dev.kelvin.proto.etcdserverpb.DowngradeRequest;
import dev.kelvin.proto.etcdserverpb.DowngradeResponse;
import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.HashRequest;
import dev.kelvin.proto.etcdserverpb.MoveLeaderRequest;
import dev.kelvin.proto.etcdserverpb.MoveLeaderResponse;
import dev.kelvin.proto.etcdserverpb.StatusRequest;
import dev.kelvin.proto.etcdserverpb.StatusResponse;
import dev.kelvin.store.Outcome;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** etcdserverpb.Maintenance: what there is to see, alarms, space, and where leadership goes. */
final class MaintenanceService {
  /** Two numbers, or a semantic version. */
  private static final Pattern VERSION =
      Pattern.compile("\\d+\\.\\d+(\\.\\d+(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?)?");

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
        "Defragment",
        (in, call) -> {
          DefragmentRequest.parseFrom(in);
          answer(call, false, this::defragment);
        },
        "Downgrade",
        (in, call) -> downgrade(DowngradeRequest.parseFrom(in), call),
        "Hash",
        (in, call) -> {
          HashRequest.parseFrom(in);
          requests.hash(call);
        },
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

  /** Only begun: it blocks nothing, so nobody has to know when it ends. */
  private Outcome defragment() {
    node.defragment();
    return new Outcome.Done(DefragmentResponse.getDefaultInstance());
  }

  /**
   * There is no version of etcd to go down to: the program's own versions are rolled back without
   * being announced. So each one asked for is a wrong one, and there is nothing to cancel, which
   * etcd answers without an error.
   */
  private void downgrade(DowngradeRequest request, Exchange exchange) {
    var error = requests.admit(exchange, false);
    if (error == null) {
      error =
          switch (request.getAction()) {
            case VALIDATE, ENABLE ->
                VERSION.matcher(request.getVersion()).matches()
                    ? ApiError.INVALID_DOWNGRADE_TARGET
                    : ApiError.WRONG_DOWNGRADE_FORMAT;
            case CANCEL -> null;
            case UNRECOGNIZED -> ApiError.UNKNOWN_METHOD;
          };
    }
    if (error != null) {
      exchange.refuse(error);
      return;
    }
    exchange.done(
        new Outcome.Done(
            DowngradeResponse.newBuilder()
                .setHeader(answers.header(node.reader().revision()))
                .setVersion(ApiLevel.CLUSTER_MINOR)
                .build()));
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
