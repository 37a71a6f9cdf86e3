package dev.kelvin.api.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kelvin.api.ApiError;
import dev.kelvin.duty.LeaseAsk;
import dev.kelvin.member.LeaseTimes;
import dev.kelvin.member.Node;
import dev.kelvin.member.Refusal;
import dev.kelvin.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kelvin.proto.etcdserverpb.LeaseKeepAliveResponse;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.concurrent.Executor;

/** One stream of renewals. They are answered in order, several at a time. */
final class KeepAliveCall extends ServerCall.Listener<byte[]>
    implements Outbox.Owner, LeaderMonitor.Stream {
  /** Renewals under way, beyond which the client waits. */
  private static final int MAX_UNDER_WAY = 1024;

  private final ServerCall<byte[], byte[]> call;
  private final Executor lane;
  private final Node node;
  private final Answers answers;
  private final Outbox outbox;
  private Runnable closed;
  private int underWay;
  private boolean pausing;
  private boolean halfClosed;

  KeepAliveCall(ServerCall<byte[], byte[]> call, Executor lane, Node node, Answers answers) {
    this.call = call;
    this.lane = lane;
    this.node = node;
    this.answers = answers;
    outbox = new Outbox(call, lane, this);
  }

  /**
   * Takes requests from now on.
   *
   * @param whenClosed called when the call is over
   */
  void begin(Runnable whenClosed) {
    closed = whenClosed;
    call.request(1);
  }

  @Override
  public void onMessage(byte[] message) {
    try {
      renew(LeaseKeepAliveRequest.parseFrom(message).getID());
    } catch (InvalidProtocolBufferException e) {
      end(ApiError.MALFORMED);
      return;
    }
    pausing = true;
    goOn();
  }

  private void renew(long lease) {
    var reader = node.reader();
    var leases = node.leaseTimes();
    if (reader == null || leases == null) {
      end(ApiError.STOPPED);
      return;
    }
    // As of before the renewal: a lease may be revoked at the very next revision.
    var response =
        LeaseKeepAliveResponse.newBuilder()
            .setHeader(answers.header(reader.revision()))
            .setID(lease);
    underWay++;
    leases.ask(
        new LeaseAsk(lease, true),
        lane,
        new LeaseTimes.Answer() {
          @Override
          public void done(LeaseAsk.Times times) {
            outbox.add(response.setTTL(times.seconds()).build());
            answered();
          }

          @Override
          public void refused(Refusal refusal) {
            end(ApiError.of(refusal));
            answered();
          }
        });
  }

  private void answered() {
    underWay--;
    if (halfClosed && underWay == 0) {
      outbox.end(Status.OK);
    }
    goOn();
  }

  /** Asks for the next request, unless the client has enough to read or to wait for. */
  private void goOn() {
    if (pausing && underWay < MAX_UNDER_WAY && !outbox.crowded()) {
      pausing = false;
      call.request(1);
    }
  }

  @Override
  public void onHalfClose() {
    halfClosed = true;
    if (underWay == 0) {
      outbox.end(Status.OK);
    }
  }

  @Override
  public void onCancel() {
    closed.run();
  }

  @Override
  public void onComplete() {
    closed.run();
  }

  @Override
  public void onReady() {
    outbox.ready();
  }

  @Override
  public void room() {
    // Every answer is taken: renewals under way bound them.
  }

  @Override
  public void drained() {
    goOn();
  }

  /** Ends the stream without waiting for what was to be sent. */
  @Override
  public void end(ApiError error) {
    outbox.cutOff(Statuses.of(error));
  }
}
