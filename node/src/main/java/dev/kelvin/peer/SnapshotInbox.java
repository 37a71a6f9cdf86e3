package dev.kelvin.peer;

import dev.kelvin.peer.PeerMessage.Consensus;
import dev.kelvin.peer.Transport.Receiver;
import dev.kelvin.proto.peer.Hello;
import dev.kelvin.proto.peer.SnapshotAnswer;
import dev.kelvin.proto.peer.SnapshotHead;
import dev.kelvin.proto.peer.SnapshotPart;
import dev.kelvin.proto.peer.SnapshotReceived;
import dev.kelvin.raft.Message.InstallSnapshot;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Takes in snapshots, one at a time. When a stream breaks, what has arrived is kept for the next
 * stream with the same snapshot: until another snapshot begins, the leader's term is over, or too
 * much time has passed. (A restart of the node deletes it.)
 */
final class SnapshotInbox {
  private static final Logger LOG = Logger.getLogger("kelvin.peer");
  private static final long CHECK_MILLIS = 250;

  /** Where the files of a snapshot go. */
  interface Place {
    /** A path that nothing has used. */
    String fresh();

    /** Deletes what is at such a path. */
    void discard(String path);
  }

  private final Function<Hello, Greeting> greet;
  private final Supplier<Receiver> receiver;
  private final Place place;
  private final ScheduledExecutorService disk;
  private final long keepNanos;

  // From here on all on the disk's thread.
  private SnapshotReceiver kept;
  private Incoming owner;
  private long idleSince;
  private boolean checking;
  private long lastReceived;

  /**
   * @param receiver null while this node is no member
   * @param disk one thread, which may block
   * @param keep how long a partial snapshot waits for its next stream
   */
  SnapshotInbox(
      Function<Hello, Greeting> greet,
      Supplier<Receiver> receiver,
      Place place,
      ScheduledExecutorService disk,
      Duration keep) {
    this.greet = greet;
    this.receiver = receiver;
    this.place = place;
    this.disk = disk;
    this.keepNanos = keep.toNanos();
  }

  StreamObserver<SnapshotPart> open(StreamObserver<SnapshotAnswer> answer) {
    return new Incoming((ServerCallStreamObserver<SnapshotAnswer>) answer);
  }

  private static InstallSnapshot install(SnapshotHead head, Greeting greeting) {
    var messages = MessageCodec.decode(head.getMessage().toByteArray());
    if (messages.size() == 1
        && messages.getFirst() instanceof Consensus(InstallSnapshot install)
        && install.from() == greeting.remote().member()
        && install.to() == greeting.to()) {
      return install;
    }
    throw new MalformedMessageException("a snapshot must begin with its own message");
  }

  private boolean outdated(InstallSnapshot message) {
    var to = receiver.get();
    return to == null || to.term() > message.term();
  }

  private void drop(String why) {
    if (kept == null) {
      return;
    }
    LOG.warnf(
        "gave up an incoming snapshot as of entry %d: %s", kept.message().snapshot().index(), why);
    var dropped = kept;
    kept = null;
    owner = null;
    try {
      dropped.close();
    } catch (IOException e) {
      // The file is about to be deleted: that it could not be closed properly is no news.
    }
    try {
      place.discard(dropped.directory().toString());
    } catch (RuntimeException e) {
      LOG.warnf("cannot delete %s: %s; the next start will", dropped.directory(), e);
    }
  }

  /** While a partial snapshot waits for its next stream. */
  private void check() {
    checking = false;
    if (kept == null || owner != null) {
      return;
    }
    if (outdated(kept.message())) {
      drop("its leader's term is over");
    } else if (System.nanoTime() - idleSince > keepNanos) {
      drop("nothing came for " + Duration.ofNanos(keepNanos).toMillis() + " ms");
    } else {
      checkLater();
    }
  }

  private void checkLater() {
    if (!checking) {
      checking = true;
      disk.schedule(this::check, CHECK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** One stream. */
  private final class Incoming implements StreamObserver<SnapshotPart> {
    private final ServerCallStreamObserver<SnapshotAnswer> answer;
    private boolean begun;
    private boolean ended;

    Incoming(ServerCallStreamObserver<SnapshotAnswer> answer) {
      this.answer = answer;
      // With a handler, an answer to a stream that broke meanwhile is dropped, not an exception.
      answer.setOnCancelHandler(() -> {});
      answer.disableAutoRequest();
      answer.request(1);
    }

    @Override
    public void onNext(SnapshotPart part) {
      disk.execute(
          () -> {
            if (ended) {
              return;
            }
            try {
              if (begun) {
                take(part);
              } else {
                begun = true;
                begin(part.getHead());
              }
              if (!ended) {
                answer.request(1);
              }
            } catch (DamagedSnapshotException e) {
              LOG.warnf("an incoming snapshot was damaged on its way: %s", e.getMessage());
              end(Status.DATA_LOSS.withDescription(e.getMessage()));
            } catch (MalformedMessageException e) {
              fail(Status.INVALID_ARGUMENT, e.getMessage());
            } catch (IOException | RuntimeException e) {
              fail(
                  Status.RESOURCE_EXHAUSTED,
                  "this node cannot store the snapshot: "
                      + (e.getMessage() == null ? e.toString() : e.getMessage()));
            }
          });
    }

    private void begin(SnapshotHead head) throws IOException {
      var greeting = greet.apply(head.getHello());
      if (greeting.refusal() != null) {
        end(greeting.refusal());
        return;
      }
      var message = install(head, greeting);
      if (outdated(message)) {
        end(Status.FAILED_PRECONDITION.withDescription("term " + message.term() + " is over"));
        return;
      }
      if (head.getId() == lastReceived && kept == null) {
        // It was the last answer that got lost.
        confirm();
        return;
      }
      var manifest = SnapshotManifest.received(head.getFilesList());
      if (owner != null) {
        owner.end(Status.ABORTED.withDescription("another stream took over"));
      }
      if (kept == null || !kept.is(head.getId(), message, manifest)) {
        drop("another one begins");
        var directory = Path.of(place.fresh());
        try {
          kept = new SnapshotReceiver(head.getId(), message, manifest, directory);
        } catch (IOException e) {
          place.discard(directory.toString());
          throw e;
        }
      }
      owner = this;
      answer.onNext(SnapshotAnswer.newBuilder().setHeld(kept.held()).build());
    }

    private void take(SnapshotPart part) throws IOException {
      if (outdated(kept.message())) {
        fail(Status.FAILED_PRECONDITION, "term " + kept.message().term() + " is over");
        return;
      }
      kept.accept(part);
      if (kept.complete()) {
        var whole = kept;
        kept = null;
        owner = null;
        lastReceived = whole.id();
        receiver.get().receiveSnapshot(whole.message(), whole.directory().toString());
        confirm();
      }
    }

    private void confirm() {
      ended = true;
      answer.onNext(
          SnapshotAnswer.newBuilder().setReceived(SnapshotReceived.getDefaultInstance()).build());
      answer.onCompleted();
    }

    /** Ends the stream; what has arrived is kept for the next one. */
    private void end(Status status) {
      release();
      answer.onError(status.asException());
    }

    private void release() {
      ended = true;
      if (owner == this) {
        owner = null;
        idleSince = System.nanoTime();
        checkLater();
      }
    }

    /** Ends the stream, and its snapshot. */
    private void fail(Status status, String why) {
      if (owner == this) {
        drop(why);
      } else {
        LOG.warnf("refused an incoming snapshot: %s", why);
      }
      end(status.withDescription(why));
    }

    @Override
    public void onError(Throwable error) {
      disk.execute(this::release);
    }

    @Override
    public void onCompleted() {
      disk.execute(
          () -> {
            if (!ended) {
              end(Status.ABORTED.withDescription("the stream ended before the snapshot"));
            }
          });
    }
  }
}
