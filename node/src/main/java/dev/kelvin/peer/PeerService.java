package dev.kelvin.peer;

import dev.kelvin.peer.PeerMessage.Consensus;
import dev.kelvin.peer.Transport.Receiver;
import dev.kelvin.proto.peer.Hello;
import dev.kelvin.proto.peer.Outgoing;
import dev.kelvin.proto.peer.PeerGrpc;
import dev.kelvin.proto.peer.SnapshotHead;
import dev.kelvin.proto.peer.SnapshotPart;
import dev.kelvin.proto.peer.SnapshotReceived;
import dev.kelvin.proto.peer.Welcome;
import dev.kelvin.raft.Message.InstallSnapshot;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The receiving side of the streams between members. Join requests are the member service's. */
public abstract class PeerService extends PeerGrpc.PeerImplBase {
  private final PeerGate gate;
  private final Supplier<Receiver> receiver;
  private final Supplier<String> freshPath;
  private final Consumer<String> discard;
  private final Executor disk;

  /**
   * @param receiver null while this node is no member
   * @param freshPath where an incoming snapshot may be written
   * @param discard deletes what is at such a path
   * @param disk writes snapshots, off the event loop, one task at a time
   */
  protected PeerService(
      PeerGate gate,
      Supplier<Receiver> receiver,
      Supplier<String> freshPath,
      Consumer<String> discard,
      Executor disk) {
    this.gate = gate;
    this.receiver = receiver;
    this.freshPath = freshPath;
    this.discard = discard;
    this.disk = disk;
  }

  /** Who said hello, or why not. */
  private record Greeting(PeerIdentity remote, long to, int format, Status refusal) {}

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

      @Override
      public void onNext(Outgoing part) {
        if (greeting == null) {
          greeting = greet(part.getHello());
          if (greeting.refusal != null) {
            answers.onError(greeting.refusal.asException());
          } else {
            answers.onNext(Welcome.newBuilder().setFormat(greeting.format).build());
          }
        } else if (greeting.refusal == null) {
          deliver(part);
        }
      }

      private void deliver(Outgoing part) {
        // Removed since it said hello? It may have no other way to learn that.
        var reason = gate.refuse(greeting.remote, greeting.to);
        if (reason.isPresent()) {
          end(reason.get());
          return;
        }
        try {
          var to = receiver.get();
          for (var message : MessageCodec.decode(part.getFrame().toByteArray())) {
            if (to != null
                && message.from() == greeting.remote.member()
                && message.to() == greeting.to) {
              to.receive(message);
            }
          }
        } catch (MalformedMessageException e) {
          end(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
        }
      }

      private void end(Status why) {
        answers.onError(why.asException());
        greeting = new Greeting(greeting.remote, greeting.to, greeting.format, why);
      }

      @Override
      public void onError(Throwable error) {
        lost();
      }

      @Override
      public void onCompleted() {
        answers.onCompleted();
        lost();
      }

      private void lost() {
        var to = receiver.get();
        if (greeting != null && greeting.refusal == null && to != null) {
          to.unreachable(greeting.remote.member());
        }
      }
    };
  }

  @Override
  public StreamObserver<SnapshotPart> sendSnapshot(StreamObserver<SnapshotReceived> observer) {
    var answer = (ServerCallStreamObserver<SnapshotReceived>) observer;
    answer.disableAutoRequest();
    answer.request(1);
    return new StreamObserver<>() {
      // All on the disk executor, one task at a time.
      private SnapshotReceiver files;
      private boolean ended;

      @Override
      public void onNext(SnapshotPart part) {
        disk.execute(
            () -> {
              if (ended) {
                return;
              }
              try {
                take(part);
                answer.request(1);
              } catch (IOException | MalformedMessageException e) {
                give(Status.ABORTED.withDescription(e.getMessage()));
              }
            });
      }

      private void take(SnapshotPart part) throws IOException {
        if (files != null) {
          files.accept(part);
          return;
        }
        var head = part.getHead();
        var greeting = greet(head.getHello());
        if (greeting.refusal != null) {
          give(greeting.refusal);
        } else {
          files = new SnapshotReceiver(install(head, greeting), Path.of(freshPath.get()));
        }
      }

      private InstallSnapshot install(SnapshotHead head, Greeting greeting) {
        var messages = MessageCodec.decode(head.getMessage().toByteArray());
        if (messages.size() == 1
            && messages.getFirst() instanceof Consensus(InstallSnapshot install)
            && install.from() == greeting.remote.member()
            && install.to() == greeting.to) {
          return install;
        }
        throw new MalformedMessageException("a snapshot must begin with its own message");
      }

      private void give(Status status) {
        ended = true;
        drop();
        answer.onError(status.asException());
      }

      private void drop() {
        if (files == null) {
          return;
        }
        try {
          files.close();
        } catch (IOException e) {
          // The file is about to be deleted: that it could not be closed properly is no news.
        }
        discard.accept(files.directory().toString());
      }

      @Override
      public void onError(Throwable error) {
        disk.execute(
            () -> {
              if (!ended) {
                ended = true;
                drop();
              }
            });
      }

      @Override
      public void onCompleted() {
        disk.execute(
            () -> {
              if (ended) {
                return;
              }
              var to = receiver.get();
              if (files == null || !files.complete() || to == null) {
                give(Status.ABORTED.withDescription("the snapshot ended before its last file"));
                return;
              }
              ended = true;
              to.receiveSnapshot(files.message(), files.directory().toString());
              answer.onNext(SnapshotReceived.getDefaultInstance());
              answer.onCompleted();
            });
      }
    };
  }
}
