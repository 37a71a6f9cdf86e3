package dev.kelvin.api.etcd;

import dev.kelvin.api.LeaseRequests;
import dev.kelvin.api.Requests;
import dev.kelvin.member.Node;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseLeasesRequest;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kelvin.proto.etcdserverpb.LeaseTimeToLiveRequest;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.util.Map;

/** etcdserverpb.Lease. */
final class LeaseService {
  private final Node node;
  private final Requests requests;
  private final LeaseRequests leases;
  private final Answers answers;
  private final Lanes lanes;
  private final LeaderMonitor leader;

  LeaseService(
      Node node,
      Requests requests,
      LeaseRequests leases,
      Answers answers,
      Lanes lanes,
      LeaderMonitor leader) {
    this.node = node;
    this.requests = requests;
    this.leases = leases;
    this.answers = answers;
    this.lanes = lanes;
    this.leader = leader;
  }

  Map<String, Call.Method> methods() {
    return Map.of(
        "LeaseGrant",
        (in, call) -> leases.grant(LeaseGrantRequest.parseFrom(in), call),
        "LeaseRevoke",
        (in, call) -> leases.revoke(LeaseRevokeRequest.parseFrom(in), in, call),
        "LeaseTimeToLive",
        (in, call) -> leases.timeToLive(LeaseTimeToLiveRequest.parseFrom(in), call),
        "LeaseLeases",
        (in, call) -> {
          LeaseLeasesRequest.parseFrom(in);
          leases.leases(call);
        });
  }

  Map<String, ServerCallHandler<byte[], byte[]>> streams() {
    return Map.of("LeaseKeepAlive", this::keepAlive);
  }

  private ServerCall.Listener<byte[]> keepAlive(ServerCall<byte[], byte[]> call, Metadata headers) {
    boolean needsLeader = Call.requiresLeader(headers);
    var error = requests.admit(needsLeader, false);
    if (error != null) {
      call.close(Statuses.of(error), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    var opened = new KeepAliveCall(call, lanes.current(), node, answers);
    if (needsLeader) {
      leader.add(opened);
    }
    opened.begin(() -> leader.remove(opened));
    return opened;
  }
}
