package dev.kelvin.api.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kelvin.api.RangeParts;
import dev.kelvin.api.Requests;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.RangeStreamResponse;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.concurrent.Executor;

/** One stream of etcdserverpb.KV.RangeStream: a part is read once the one before it is sent. */
final class RangeStreamCall extends AnswerStream implements RangeParts.Audience {
  private final Requests requests;
  private final Answers answers;
  private RangeParts parts;

  /** The next part can be asked for. */
  private boolean due;

  private boolean stopped;

  RangeStreamCall(
      ServerCall<byte[], byte[]> call,
      Executor lane,
      Requests requests,
      Answers answers,
      LeaderMonitor leader) {
    super(call, lane, leader);
    this.requests = requests;
    this.answers = answers;
  }

  @Override
  void begin(byte[] message) throws InvalidProtocolBufferException {
    parts = new RangeParts(requests, RangeRequest.parseFrom(message), answers::header, this);
    parts.begin();
  }

  @Override
  void stop() {
    stopped = true;
  }

  @Override
  public Executor lane() {
    return lane;
  }

  @Override
  public void part(RangeResponse part, boolean last) {
    due = !last;
    outbox.add(RangeStreamResponse.newBuilder().setRangeResponse(part).build());
    if (last) {
      outbox.end(Status.OK);
    }
  }

  @Override
  public void drained() {
    if (due && !stopped && outbox.empty()) {
      due = false;
      parts.next();
    }
  }

  @Override
  public void room() {
    // Every part is taken: there is one at a time.
  }
}
