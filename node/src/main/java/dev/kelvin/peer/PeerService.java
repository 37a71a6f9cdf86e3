package dev.kelvin.peer;

import dev.kelvin.peer.Transport.Receiver;
import dev.kelvin.proto.peer.Hello;
import dev.kelvin.proto.peer.Outgoing;
import dev.kelvin.proto.peer.PeerGrpc;
import dev.kelvin.proto.peer.PingRequest;
import dev.kelvin.proto.peer.PingResponse;
import dev.kelvin.proto.peer.SnapshotAnswer;
import dev.kelvin.proto.peer.SnapshotPart;
import dev.kelvin.proto.peer.Welcome;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The receiving side of the streams between members. Join requests are the member service's. */
public abstract class PeerService extends PeerGrpc.PeerImplBase {
  /** How long a partial snapshot waits for its sender to come back. */
  private static final Duration KEEP = Duration.ofSeconds(60);

  private final PeerGate gate;
  private final Supplier<Receiver> receiver;
  private final SnapshotInbox inbox;
  private final PeerMeters meters;

  /**
   * @param receiver null while this node is no member
   * @param freshPath where an incoming snapshot may be written
   * @param discard deletes what is at such a path
   * @param disk writes snapshots, off the event loop, one task at a time
   * @param meters of the members that send
   */
  protected PeerService(
      PeerGate gate,
      Supplier<Receiver> receiver,
      Supplier<String> freshPath,
      Consumer<String> discard,
      ScheduledExecutorService disk,
      PeerMeters meters) {
    this.meters = meters;
    this.gate = gate;
    this.receiver = receiver;
    var place =
        new SnapshotInbox.Place() {
          @Override
          public String fresh() {
            return freshPath.get();
          }

          @Override
          public void discard(String path) {
            discard.accept(path);
          }
        };
    this.inbox = new SnapshotInbox(this::greet, receiver, place, disk, KEEP);
  }

  private Greeting greet(Hello hello) {
    var remote = new PeerIdentity(hello.getClusterId(), hello.getFrom(), hello.getIncarnation());
    int format = Math.min(hello.getMaxFormat(), MessageCodec.MAX_VERSION);
    Status refusal = null;
    var reason = gate.refuse(remote, hello.getTo());
    if (reason.isPresent()) {
      refusal = reason.get();
    } else if (format < Math.max(hello.getMinFormat(), MessageCodec.MIN_VERSION)) {
      refusal =
          Status.FAILED_PRECONDITION.withDescription(
              "no common peer message format: the sender writes %d to %d, this node reads %d to %d"
                  .formatted(
                      hello.getMinFormat(),
                      hello.getMaxFormat(),
                      MessageCodec.MIN_VERSION,
                      MessageCodec.MAX_VERSION));
    } else if (receiver.get() == null) {
      refusal = Status.UNAVAILABLE.withDescription("this node is not a member yet");
    }
    return new Greeting(remote, hello.getTo(), format, refusal);
  }

  @Override
  public StreamObserver<Outgoing> messages(StreamObserver<Welcome> answers) {
    return new StreamObserver<>() {
      private Greeting greeting;
      private PeerMeter meter;

      @Override
      public void onNext(Outgoing part) {
        if (greeting == null) {
          greeting = greet(part.getHello());
          if (greeting.refusal() != null) {
            answers.onError(greeting.refusal().asException());
          } else {
            meter = meters.of(greeting.remote().member());
            answers.onNext(Welcome.newBuilder().setFormat(greeting.format()).build());
            met(part.getHello());
          }
        } else if (greeting.refusal() == null) {
          deliver(part);
        }
      }

      private void met(Hello hello) {
        var to = receiver.get();
        if (to != null) {
          to.met(hello.getFrom(), hello.getPeerUrl());
        }
      }

      private void deliver(Outgoing part) {
        // Removed since it said hello? It may have no other way to learn that.
        var reason = gate.refuse(greeting.remote(), greeting.to());
        if (reason.isPresent()) {
          end(reason.get());
          return;
        }
        meter.received(part.getFrame().size());
        try {
          var to = receiver.get();
          for (var message : MessageCodec.decode(part.getFrame().toByteArray())) {
            if (to != null
                && message.from() == greeting.remote().member()
                && message.to() == greeting.to()) {
              to.receive(message);
            }
          }
        } catch (MalformedMessageException e) {
          end(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
        }
      }

      private void end(Status why) {
        meter.receiveFailed();
        answers.onError(why.asException());
        greeting = new Greeting(greeting.remote(), greeting.to(), greeting.format(), why);
      }

      @Override
      public void onError(Throwable error) {
        if (meter != null) {
          meter.receiveFailed();
        }
        lost();
      }

      @Override
      public void onCompleted() {
        answers.onCompleted();
        lost();
      }

      private void lost() {
        var to = receiver.get();
        if (greeting != null && greeting.refusal() == null && to != null) {
          to.unreachable(greeting.remote().member());
        }
      }
    };
  }

  @Override
  public void ping(PingRequest request, StreamObserver<PingResponse> answer) {
    answer.onNext(PingResponse.getDefaultInstance());
    answer.onCompleted();
  }

  @Override
  public StreamObserver<SnapshotPart> sendSnapshot(StreamObserver<SnapshotAnswer> answer) {
    var incoming = inbox.open(answer);
    return new StreamObserver<>() {
      private PeerMeter meter;

      @Override
      public void onNext(SnapshotPart part) {
        if (part.hasHead()) {
          var greeting = greet(part.getHead().getHello());
          meter = greeting.refusal() == null ? meters.of(greeting.remote().member()) : null;
        } else if (part.hasChunk() && meter != null) {
          meter.received(part.getChunk().getData().size());
        }
        incoming.onNext(part);
      }

      @Override
      public void onError(Throwable error) {
        if (meter != null) {
          meter.receiveFailed();
        }
        incoming.onError(error);
      }

      @Override
      public void onCompleted() {
        incoming.onCompleted();
      }
    };
  }
}
