package dev.kelvin.api.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kelvin.api.ApiError;
import dev.kelvin.proto.etcdserverpb.WatchCreateRequest;
import dev.kelvin.proto.etcdserverpb.WatchRequest;
import dev.kelvin.proto.etcdserverpb.WatchResponse;
import dev.kelvin.proto.mvccpb.Event;
import dev.kelvin.watch.WatchSink;
import dev.kelvin.watch.WatchStream;
import io.grpc.ServerCall;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/** One stream of etcdserverpb.Watch. */
final class WatchCall extends ServerCall.Listener<byte[]>
    implements WatchSink, Outbox.Owner, LeaderMonitor.Stream {
  /** etcd's for "no such watch", and for all of them. */
  private static final long NO_WATCH = -1;

  private final ServerCall<byte[], byte[]> call;
  private final Answers answers;
  private final Outbox outbox;
  private final int fragmentBytes;
  private WatchStream stream;
  private Runnable closed;
  private boolean pausing;

  /**
   * @param fragmentBytes of an answer at most, where a client takes parts
   */
  WatchCall(ServerCall<byte[], byte[]> call, Executor lane, Answers answers, int fragmentBytes) {
    this.call = call;
    this.answers = answers;
    this.fragmentBytes = fragmentBytes;
    outbox = new Outbox(call, lane, this);
  }

  /**
   * Takes requests from now on.
   *
   * @param whenClosed called when the call is over
   */
  void begin(WatchStream opened, Runnable whenClosed) {
    stream = opened;
    closed = whenClosed;
    call.request(1);
  }

  @Override
  public void onMessage(byte[] message) {
    try {
      handle(WatchRequest.parseFrom(message));
    } catch (InvalidProtocolBufferException e) {
      end(ApiError.MALFORMED);
      return;
    }
    if (outbox.crowded()) {
      // The client must read what it asked for before it asks for more.
      pausing = true;
    } else {
      call.request(1);
    }
  }

  private void handle(WatchRequest request) {
    switch (request.getRequestUnionCase()) {
      case CREATE_REQUEST -> stream.create(of(request.getCreateRequest()));
      case CANCEL_REQUEST -> stream.cancel(request.getCancelRequest().getWatchId());
      case PROGRESS_REQUEST -> stream.progress();
      // As etcd: passed over.
      case REQUESTUNION_NOT_SET -> {}
    }
  }

  private static dev.kelvin.watch.WatchRequest of(WatchCreateRequest request) {
    return new dev.kelvin.watch.WatchRequest(
        request.getWatchId(),
        request.getKey(),
        request.getRangeEnd(),
        request.getStartRevision(),
        request.getFiltersList().contains(WatchCreateRequest.FilterType.NOPUT),
        request.getFiltersList().contains(WatchCreateRequest.FilterType.NODELETE),
        request.getPrevKv(),
        request.getProgressNotify(),
        request.getFragment());
  }

  // A client that asks for no more is still told, as by etcd: nothing on half-close.

  @Override
  public void onCancel() {
    onComplete();
  }

  @Override
  public void onComplete() {
    stream.close();
    closed.run();
  }

  @Override
  public void onReady() {
    outbox.ready();
  }

  @Override
  public void drained() {
    if (pausing && !outbox.crowded()) {
      pausing = false;
      call.request(1);
    }
  }

  /** Tells how far watches are that want to hear it. */
  void progressDue() {
    stream.progressDue();
  }

  /** Ends the stream without waiting for what was to be sent. */
  @Override
  public void end(ApiError error) {
    stream.close();
    outbox.cutOff(Statuses.of(error));
  }

  @Override
  public void room() {
    stream.room();
  }

  private WatchResponse.Builder answer(long watch, long revision) {
    return WatchResponse.newBuilder().setHeader(answers.header(revision)).setWatchId(watch);
  }

  @Override
  public void created(long watch, long revision) {
    outbox.add(answer(watch, revision).setCreated(true).build());
  }

  @Override
  public void refused(long revision, String reason) {
    outbox.add(
        answer(NO_WATCH, revision)
            .setCreated(true)
            .setCanceled(true)
            .setCancelReason(reason)
            .build());
  }

  @Override
  public boolean events(long watch, long revision, List<Event> events, boolean fragment) {
    var whole = answer(watch, revision).addAllEvents(events).build();
    if (!fragment || events.size() < 2 || whole.getSerializedSize() < fragmentBytes) {
      return outbox.offer(whole);
    }
    var parts = parts(watch, revision, events);
    if (!outbox.offer(parts.getFirst())) {
      return false;
    }
    parts.subList(1, parts.size()).forEach(outbox::add);
    return true;
  }

  /** As many events as fit, at least one, in each; all but the last say that they are not all. */
  private List<WatchResponse> parts(long watch, long revision, List<Event> events) {
    var parts = new ArrayList<WatchResponse>();
    int empty = answer(watch, revision).setFragment(true).build().getSerializedSize();
    var part = answer(watch, revision);
    int bytes = empty;
    for (var event : events) {
      // A message in a message has a tag and a length.
      int size = event.getSerializedSize() + 6;
      if (part.getEventsCount() > 0 && bytes + size >= fragmentBytes) {
        parts.add(part.setFragment(true).build());
        part = answer(watch, revision);
        bytes = empty;
      }
      part.addEvents(event);
      bytes += size;
    }
    parts.add(part.build());
    return parts;
  }

  @Override
  public void progress(long watch, long revision) {
    outbox.add(answer(watch, revision).build());
  }

  @Override
  public void canceled(long watch, long revision) {
    outbox.add(answer(watch, revision).setCanceled(true).build());
  }

  @Override
  public void compacted(long watch, long revision, long compacted) {
    // etcd names no current revision here: the client goes on from the compacted one.
    outbox.add(answer(watch, 0).setCanceled(true).setCompactRevision(compacted).build());
  }

  @Override
  public void ended() {
    outbox.end(Statuses.of(ApiError.STOPPED));
  }
}
