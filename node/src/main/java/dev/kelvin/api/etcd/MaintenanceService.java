package dev.kelvin.api.etcd;

import dev.kelvin.api.ApiError;
import dev.kelvin.api.ApiLevel;
import dev.kelvin.api.Requests;
import dev.kelvin.member.Node;
import dev.kelvin.proto.etcdserverpb.AlarmRequest;
import dev.kelvin.proto.etcdserverpb.AlarmResponse;
import dev.kelvin.proto.etcdserverpb.DowngradeInfo;
import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.HashKVResponse;
import dev.kelvin.proto.etcdserverpb.MaintenanceGrpc;
import dev.kelvin.proto.etcdserverpb.StatusRequest;
import dev.kelvin.proto.etcdserverpb.StatusResponse;
import dev.kelvin.store.Outcome;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/** etcdserverpb.Maintenance, as far as it only looks. */
final class MaintenanceService extends MaintenanceGrpc.MaintenanceImplBase {
  private final Node node;
  private final Requests requests;
  private final Lanes lanes;
  private final Header header;

  MaintenanceService(Node node, Requests requests, Lanes lanes) {
    this.node = node;
    this.requests = requests;
    this.lanes = lanes;
    header = new Header(node);
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
    var exchange =
        new UnaryExchange<>(observer, lanes.current(), LeaderWish.current(), ignored -> status());
    var error = requests.admit(exchange, true);
    if (error != null) {
      exchange.refuse(error);
    } else {
      exchange.reply(status());
    }
  }

  /** There are no alarms yet, so there is a true answer to who has one. */
  @Override
  public void alarm(AlarmRequest request, StreamObserver<AlarmResponse> observer) {
    if (request.getAction() != AlarmRequest.AlarmAction.GET) {
      observer.onError(
          Status.UNIMPLEMENTED
              .withDescription("kelvin: alarms cannot be set or cleared, there are none")
              .asRuntimeException());
      return;
    }
    var exchange =
        new UnaryExchange<>(observer, lanes.current(), LeaderWish.current(), ignored -> alarms());
    var error = requests.admit(exchange, false);
    if (error != null) {
      exchange.refuse(error);
    } else {
      exchange.reply(alarms());
    }
  }

  @Override
  public void hashKV(HashKVRequest request, StreamObserver<HashKVResponse> observer) {
    requests.hash(
        request,
        new UnaryExchange<>(observer, lanes.current(), LeaderWish.current(), this::hashed));
  }

  private HashKVResponse hashed(Outcome outcome) {
    if (outcome instanceof Outcome.Done(HashKVResponse response)) {
      return response.toBuilder().setHeader(header.at(response.getHeader().getRevision())).build();
    }
    throw new IllegalStateException("not a hash: " + outcome);
  }

  private AlarmResponse alarms() {
    return AlarmResponse.newBuilder().setHeader(header.now()).build();
  }

  private StatusResponse status() {
    var raft = node.replica().status();
    var reader = node.reader();
    var response =
        StatusResponse.newBuilder()
            .setHeader(header.now())
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
    return response.build();
  }
}
