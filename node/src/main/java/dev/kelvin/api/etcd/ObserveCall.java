package dev.kelvin.api.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kelvin.api.ElectionRequests;
import dev.kelvin.api.Observation;
import dev.kelvin.proto.v3electionpb.LeaderRequest;
import dev.kelvin.proto.v3electionpb.LeaderResponse;
import io.grpc.ServerCall;
import java.util.List;
import java.util.concurrent.Executor;

/** One stream of v3electionpb.Election.Observe. */
final class ObserveCall extends AnswerStream implements Observation.Audience {
  private final ElectionRequests elections;
  private Observation observation;

  ObserveCall(
      ServerCall<byte[], byte[]> call,
      Executor lane,
      ElectionRequests elections,
      LeaderMonitor leader) {
    super(call, lane, leader);
    this.elections = elections;
  }

  @Override
  void begin(byte[] message) throws InvalidProtocolBufferException {
    observation = elections.observe(LeaderRequest.parseFrom(message), this);
    observation.begin();
  }

  @Override
  void stop() {
    if (observation != null) {
      observation.close();
    }
  }

  @Override
  public Executor lane() {
    return lane;
  }

  @Override
  public boolean offer(List<LeaderResponse> news) {
    if (!outbox.offer(news.getFirst())) {
      return false;
    }
    news.subList(1, news.size()).forEach(outbox::add);
    return true;
  }

  @Override
  public void room() {
    observation.room();
  }

  @Override
  public void drained() {
    // Whoever had no room is told of room.
  }
}
