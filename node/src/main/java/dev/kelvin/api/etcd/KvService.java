package dev.kelvin.api.etcd;

import dev.kelvin.api.Requests;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.KVGrpc;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * etcdserverpb.KV, bound by hand: requests stay the bytes that arrived, which are what the log
 * gets, and answers are encoded straight into theirs.
 */
final class KvService {
  private final Answers answers;
  private final Lanes lanes;
  private final Map<String, Call.Method> methods = new LinkedHashMap<>();

  KvService(Requests requests, Answers answers, Lanes lanes) {
    this.answers = answers;
    this.lanes = lanes;
    methods.put("Range", (in, call) -> requests.range(RangeRequest.parseFrom(in), call));
    methods.put("Put", (in, call) -> requests.put(PutRequest.parseFrom(in), in, call));
    methods.put(
        "DeleteRange", (in, call) -> requests.delete(DeleteRangeRequest.parseFrom(in), in, call));
    methods.put("Txn", (in, call) -> requests.txn(TxnRequest.parseFrom(in), in, call));
    methods.put(
        "Compact", (in, call) -> requests.compact(CompactionRequest.parseFrom(in), in, call));
  }

  ServerServiceDefinition definition() {
    var generated = KVGrpc.getServiceDescriptor();
    var descriptors = new LinkedHashMap<String, MethodDescriptor<byte[], byte[]>>();
    // The schema descriptor is what the reflection service shows.
    var service =
        ServiceDescriptor.newBuilder(generated.getName())
            .setSchemaDescriptor(generated.getSchemaDescriptor());
    for (var method : generated.getMethods()) {
      var bare = method.toBuilder(Bytes.MARSHALLER, Bytes.MARSHALLER).setSafe(false).build();
      descriptors.put(method.getBareMethodName(), bare);
      service.addMethod(bare);
    }
    var definition = ServerServiceDefinition.builder(service.build());
    descriptors.forEach(
        (name, descriptor) -> {
          var method = methods.get(name);
          if (method != null) {
            definition.addMethod(
                descriptor,
                (call, headers) -> new Call(call, headers, method, answers, lanes.current()));
          }
        });
    return definition.build();
  }
}
