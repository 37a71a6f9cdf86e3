package dev.kelvin.member;

import dev.kelvin.peer.PeerAddress;
import dev.kelvin.proto.peer.JoinRequest;
import dev.kelvin.proto.peer.JoinResponse;
import dev.kelvin.proto.peer.PeerGrpc;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Asks members to let this node in, one after the other, for as long as it takes. A repeat is
 * harmless: the cluster knows this data directory's incarnation again.
 */
final class Joiner implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger("kelvin.member");
  private static final long ANSWER_SECONDS = 10;
  private static final long PAUSE_MILLIS = 500;

  private final List<PeerAddress> members;
  private final JoinRequest request;
  private final Consumer<JoinResponse> joined;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Map<PeerAddress, String> lastSaid = new HashMap<>();
  private volatile String refusal = "";

  Joiner(List<PeerAddress> members, JoinRequest request, Consumer<JoinResponse> joined) {
    this.members = members;
    this.request = request;
    this.joined = joined;
  }

  void start(Consumer<Throwable> failed) {
    Thread.ofPlatform()
        .name("kelvin-join")
        .daemon()
        .start(
            () -> {
              try {
                run();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } catch (RuntimeException e) {
                failed.accept(e);
              }
            });
  }

  private void run() throws InterruptedException {
    do {
      for (var member : members) {
        var response = ask(member);
        if (response != null) {
          joined.accept(response);
          return;
        }
      }
    } while (!stopped.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS));
  }

  private JoinResponse ask(PeerAddress member) throws InterruptedException {
    var channel =
        NettyChannelBuilder.forAddress(member.host(), member.port()).usePlaintext().build();
    try {
      return PeerGrpc.newBlockingStub(channel)
          .withDeadlineAfter(ANSWER_SECONDS, TimeUnit.SECONDS)
          .join(request);
    } catch (StatusRuntimeException e) {
      var status = e.getStatus();
      refusal =
          "%s did not let this node in: %s"
              .formatted(
                  member,
                  status.getDescription() == null ? status.getCode() : status.getDescription());
      say(member, refusal + "; asking again");
      return null;
    } finally {
      channel.shutdownNow();
      channel.awaitTermination(1, TimeUnit.SECONDS);
    }
  }

  /** What the member that was asked last answered; empty until one has. */
  String refusal() {
    return refusal;
  }

  /** Says a thing once, not at every try. */
  private void say(PeerAddress member, String line) {
    if (!line.equals(lastSaid.put(member, line))) {
      LOG.warn(line);
    }
  }

  @Override
  public void close() {
    stopped.countDown();
  }
}
