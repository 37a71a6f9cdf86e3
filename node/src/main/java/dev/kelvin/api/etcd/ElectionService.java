package dev.kelvin.api.etcd;

import dev.kelvin.api.ElectionRequests;
import dev.kelvin.proto.v3electionpb.CampaignRequest;
import dev.kelvin.proto.v3electionpb.LeaderRequest;
import dev.kelvin.proto.v3electionpb.ProclaimRequest;
import dev.kelvin.proto.v3electionpb.ResignRequest;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.util.Map;

/** v3electionpb.Election. */
final class ElectionService {
  private final ElectionRequests elections;
  private final Lanes lanes;
  private final LeaderMonitor leader;

  ElectionService(ElectionRequests elections, Lanes lanes, LeaderMonitor leader) {
    this.elections = elections;
    this.lanes = lanes;
    this.leader = leader;
  }

  Map<String, Call.Method> methods() {
    return Map.of(
        "Campaign",
        (in, call) -> elections.campaign(CampaignRequest.parseFrom(in), call),
        "Proclaim",
        (in, call) -> elections.proclaim(ProclaimRequest.parseFrom(in), call),
        "Leader",
        (in, call) -> elections.leader(LeaderRequest.parseFrom(in), call),
        "Resign",
        (in, call) -> elections.resign(ResignRequest.parseFrom(in), call));
  }

  Map<String, ServerCallHandler<byte[], byte[]>> streams() {
    return Map.of("Observe", this::observe);
  }

  private ServerCall.Listener<byte[]> observe(ServerCall<byte[], byte[]> call, Metadata headers) {
    return AnswerStream.open(
        call,
        headers,
        elections::refusal,
        leader,
        () -> new ObserveCall(call, lanes.current(), elections, leader));
  }
}
