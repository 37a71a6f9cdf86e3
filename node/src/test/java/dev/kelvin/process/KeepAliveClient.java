package dev.kelvin.process;

import dev.kelvin.proto.etcdserverpb.LeaseGrpc;
import dev.kelvin.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kelvin.proto.etcdserverpb.LeaseKeepAliveResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** One stream of renewals. */
public final class KeepAliveClient
    implements StreamObserver<LeaseKeepAliveResponse>, AutoCloseable {
  public final BlockingQueue<LeaseKeepAliveResponse> answers = new LinkedBlockingQueue<>();

  /** How the stream ended; null while it has not. */
  public volatile Status end;

  private final ManagedChannel channel;
  private final StreamObserver<LeaseKeepAliveRequest> requests;

  /**
   * @param address HOST:PORT of a node's client port
   */
  public KeepAliveClient(String address, boolean needsLeader) {
    int colon = address.lastIndexOf(':');
    channel =
        NettyChannelBuilder.forAddress(
                address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))
            .usePlaintext()
            .build();
    var headers = new Metadata();
    if (needsLeader) {
      headers.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
    }
    requests =
        LeaseGrpc.newStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .leaseKeepAlive(this);
  }

  public void renew(long lease) {
    requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(lease).build());
  }

  /** Asks for no more; what was asked for is still answered. */
  public void done() {
    requests.onCompleted();
  }

  @Override
  public void onNext(LeaseKeepAliveResponse response) {
    answers.add(response);
  }

  @Override
  public void onError(Throwable t) {
    end = Status.fromThrowable(t);
  }

  @Override
  public void onCompleted() {
    end = Status.OK;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
