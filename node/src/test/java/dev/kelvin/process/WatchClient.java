package dev.kelvin.process;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.WatchCreateRequest;
import dev.kelvin.proto.etcdserverpb.WatchGrpc;
import dev.kelvin.proto.etcdserverpb.WatchProgressRequest;
import dev.kelvin.proto.etcdserverpb.WatchRequest;
import dev.kelvin.proto.etcdserverpb.WatchResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** One stream of watches, which reads only when asked to. */
public final class WatchClient
    implements ClientResponseObserver<WatchRequest, WatchResponse>, AutoCloseable {
  public final BlockingQueue<WatchResponse> answers = new LinkedBlockingQueue<>();

  /** How the stream ended; null while it has not. */
  public volatile Status end;

  private final ManagedChannel channel;
  private final boolean eager;
  private ClientCallStreamObserver<WatchRequest> requests;

  /**
   * @param address HOST:PORT of a node's client port
   * @param eager reads all; else only what {@link #read} asks for
   */
  public WatchClient(String address, boolean eager, boolean needsLeader) {
    this.eager = eager;
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
    WatchGrpc.newStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .watch(this);
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<WatchRequest> stream) {
    requests = stream;
    if (!eager) {
      stream.disableAutoRequestWithInitial(1);
    }
  }

  /** Watches all keys that begin so. */
  public void watch(String prefix, long start) {
    var key = ByteString.copyFromUtf8(prefix);
    requests.onNext(
        WatchRequest.newBuilder()
            .setCreateRequest(
                WatchCreateRequest.newBuilder()
                    .setKey(key)
                    .setRangeEnd(ByteString.copyFromUtf8(prefix + "~"))
                    .setStartRevision(start))
            .build());
  }

  /** Asks how far all watches are. */
  public void askForProgress() {
    requests.onNext(
        WatchRequest.newBuilder()
            .setProgressRequest(WatchProgressRequest.getDefaultInstance())
            .build());
  }

  void read(int count) {
    requests.request(count);
  }

  @Override
  public void onNext(WatchResponse response) {
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
