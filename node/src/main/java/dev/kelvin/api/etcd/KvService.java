package dev.kelvin.api.etcd;

import dev.kelvin.api.Requests;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.util.Map;

/**
 * etcdserverpb.KV. A write is parsed in full although its bytes go on as they are: what is in the
 * log every member must be able to parse.
 */
final class KvService {
  private final Requests requests;
  private final Answers answers;
  private final Lanes lanes;
  private final LeaderMonitor leader;

  KvService(Requests requests, Answers answers, Lanes lanes, LeaderMonitor leader) {
    this.requests = requests;
    this.answers = answers;
    this.lanes = lanes;
    this.leader = leader;
  }

  Map<String, Call.Method> methods() {
    return Map.of(
        "Range",
        (in, call) -> requests.range(RangeRequest.parseFrom(in), call),
        "Put",
        (in, call) -> requests.put(PutRequest.parseFrom(in), in, call),
        "DeleteRange",
        (in, call) -> requests.delete(DeleteRangeRequest.parseFrom(in), in, call),
        "Txn",
        (in, call) -> requests.txn(TxnRequest.parseFrom(in), in, call),
        "Compact",
        (in, call) -> requests.compact(CompactionRequest.parseFrom(in), in, call));
  }

  Map<String, ServerCallHandler<byte[], byte[]>> streams() {
    return Map.of("RangeStream", this::rangeStream);
  }

  private ServerCall.Listener<byte[]> rangeStream(
      ServerCall<byte[], byte[]> call, Metadata headers) {
    return AnswerStream.open(
        call,
        headers,
        needsLeader -> requests.admit(needsLeader, false),
        leader,
        () -> new RangeStreamCall(call, lanes.current(), requests, answers, leader));
  }
}
