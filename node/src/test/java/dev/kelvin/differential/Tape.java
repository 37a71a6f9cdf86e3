package dev.kelvin.differential;

import dev.kelvin.proto.etcdserverpb.WatchGrpc;
import dev.kelvin.proto.etcdserverpb.WatchRequest;
import dev.kelvin.proto.etcdserverpb.WatchResponse;
import dev.kelvin.proto.mvccpb.Event;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one server said on one stream of watches: by watch, in order, one line an event, however the
 * server bunched them. All state is guarded by the monitor, which is notified of every change.
 */
final class Tape implements ClientResponseObserver<WatchRequest, WatchResponse> {
  private static final long ALL = -1;

  private final Object monitor;
  private final Server server;
  private final Coverage coverage;
  private ClientCallStreamObserver<WatchRequest> requests;

  final Map<Long, List<String>> lines = new TreeMap<>();

  /** Promises of etcd's that it broke, whatever the other server did. */
  final List<String> faults = new ArrayList<>();

  /** Last event of each watch, and whether more parts of its answer are to follow. */
  private final Map<Long, WatchResponse> last = new HashMap<>();

  /** Answers to creations. */
  final List<WatchResponse> created = new ArrayList<>();

  /** Watches that ended, in order. */
  final List<WatchResponse> canceled = new ArrayList<>();

  int progresses;

  /** Revision of the last event that the first watch, that of the fence, was told of. */
  long fence;

  /** How the stream ended; null while it has not. */
  Status end;

  Tape(Object monitor, Server server, Coverage coverage) {
    this.monitor = monitor;
    this.server = server;
    this.coverage = coverage;
    WatchGrpc.newStub(server.channel).watch(this);
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<WatchRequest> stream) {
    requests = stream;
  }

  void send(WatchRequest request) {
    requests.onNext(request);
  }

  void stop() {
    requests.cancel("the program ended", null);
  }

  @Override
  public void onNext(WatchResponse answer) {
    synchronized (monitor) {
      note(answer);
      monitor.notifyAll();
    }
  }

  private void note(WatchResponse answer) {
    long watch = answer.getWatchId();
    var list = lines.computeIfAbsent(watch, _ -> new ArrayList<>());
    if (answer.getEventsCount() > 0) {
      check(answer);
      for (var event : answer.getEventsList()) {
        list.add(Symbols.print(Normal.of(server, event)));
      }
      last.put(watch, answer);
      if (watch == 0) {
        fence = lastRevision(answer);
      }
      if (!answer.getCreated() && !answer.getCanceled()) {
        return;
      }
    }
    list.add(Symbols.print(Normal.of(server, answer.toBuilder().clearEvents().build())));
    if (!answer.getCancelReason().isEmpty()) {
      coverage.text(answer.getCancelReason());
    }
    if (answer.getCreated()) {
      created.add(answer);
    } else if (answer.getCanceled()) {
      canceled.add(answer);
    } else if (watch == ALL) {
      progresses++;
    }
  }

  private static long lastRevision(WatchResponse answer) {
    return revision(answer.getEvents(answer.getEventsCount() - 1));
  }

  private static long revision(Event event) {
    return event.getKv().getModRevision();
  }

  private void check(WatchResponse answer) {
    long watch = answer.getWatchId();
    long through = lastRevision(answer);
    long named = answer.getHeader().getRevision();
    if (named < through) {
      faults.add(
          "watch %d names revision %d before its event of %d".formatted(watch, named, through));
    } else if (named > through) {
      coverage.met(Deliberate.WATCH_REVISION);
    }
    var before = last.get(watch);
    if (before != null
        && !before.getFragment()
        && lastRevision(before) >= revision(answer.getEvents(0))) {
      faults.add(
          "watch %d was told of %d, then of %d, in two answers"
              .formatted(watch, lastRevision(before), revision(answer.getEvents(0))));
    }
    if (answer.getFragment()) {
      coverage.option("WatchResponse.fragment");
    }
  }

  @Override
  public void onError(Throwable error) {
    synchronized (monitor) {
      end = Status.fromThrowable(error);
      monitor.notifyAll();
    }
  }

  @Override
  public void onCompleted() {
    synchronized (monitor) {
      end = Status.OK;
      monitor.notifyAll();
    }
  }
}
