package dev.kelvin.bench;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.KVGrpc;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.PutResponse;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;
import dev.kelvin.proto.etcdserverpb.ResponseOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.proto.etcdserverpb.TxnResponse;
import dev.kelvin.proto.mvccpb.KeyValue;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A KV service in memory, on a free port, that can be told to fail its next puts. */
final class TinyServer extends KVGrpc.KVImplBase implements AutoCloseable {
  final AtomicInteger putsToRefuse = new AtomicInteger();
  final TreeMap<String, KeyValue> data = new TreeMap<>();
  private long revision = 1;
  private final Server server;

  TinyServer() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .addService(this)
            .build()
            .start();
  }

  String endpoint() {
    return "127.0.0.1:" + server.getPort();
  }

  @Override
  public void put(PutRequest request, StreamObserver<PutResponse> answer) {
    if (putsToRefuse.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
      answer.onError(Status.UNAVAILABLE.asRuntimeException());
      return;
    }
    answer.onNext(put(request));
    answer.onCompleted();
  }

  @Override
  public void range(RangeRequest request, StreamObserver<RangeResponse> answer) {
    answer.onNext(range(request));
    answer.onCompleted();
  }

  @Override
  public void txn(TxnRequest request, StreamObserver<TxnResponse> answer) {
    answer.onNext(txn(request));
    answer.onCompleted();
  }

  private synchronized PutResponse put(PutRequest request) {
    revision++;
    data.put(
        request.getKey().toStringUtf8(),
        KeyValue.newBuilder()
            .setKey(request.getKey())
            .setValue(request.getValue())
            .setModRevision(revision)
            .build());
    return PutResponse.newBuilder().setHeader(header()).build();
  }

  private synchronized RangeResponse range(RangeRequest request) {
    var answer = RangeResponse.newBuilder().setHeader(header());
    String key = request.getKey().toStringUtf8();
    if (request.getRangeEnd().equals(ByteString.EMPTY)) {
      if (data.containsKey(key)) {
        answer.addKvs(data.get(key));
      }
      return answer.build();
    }
    var found = data.subMap(key, request.getRangeEnd().toStringUtf8()).values();
    found.stream().limit(request.getLimit()).forEach(answer::addKvs);
    return answer.setMore(found.size() > request.getLimit()).build();
  }

  private synchronized TxnResponse txn(TxnRequest request) {
    var compare = request.getCompare(0);
    var found = data.get(compare.getKey().toStringUtf8());
    boolean equal = compare.getModRevision() == (found == null ? 0 : found.getModRevision());
    var answer = TxnResponse.newBuilder().setSucceeded(equal);
    if (equal) {
      var put = put(request.getSuccess(0).getRequestPut());
      answer.addResponses(ResponseOp.newBuilder().setResponsePut(put));
    } else {
      var range = range(request.getFailure(0).getRequestRange());
      answer.addResponses(ResponseOp.newBuilder().setResponseRange(range));
    }
    return answer.setHeader(header()).build();
  }

  private ResponseHeader header() {
    return ResponseHeader.newBuilder().setRevision(revision).build();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
