package dev.kelvin.api.etcd;

import dev.kelvin.api.Requests;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import java.util.Map;

/**
 * etcdserverpb.KV. A write is parsed in full although its bytes go on as they are: what is in the
 * log every member must be able to parse.
 */
final class KvService {
  private final Requests requests;

  KvService(Requests requests) {
    this.requests = requests;
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
}
