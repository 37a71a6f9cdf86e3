package dev.kelvin.api.rest;

import dev.kelvin.api.ApiError;
import dev.kelvin.proto.mvccpb.Event;
import dev.kelvin.watch.WatchSink;
import dev.kelvin.watch.WatchStream;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * One client's watch as a stream of server-sent events. Any thread adds; one task at a time writes,
 * on the connection's event loop, and only while the client reads. What does not fit is not taken:
 * the watch then falls behind and is fed from the store once there is room. A client that takes
 * nothing for several heartbeats is cut off.
 */
final class EventStream implements WatchSink {
  /** Of events; beyond it no further ones are taken. */
  private static final int MAX_BYTES = 1 << 20;

  /** Heartbeats without a byte taken, after which a client is given up. */
  private static final int PATIENCE = 4;

  /** Something to write: text, or changes that are made text only when it is their turn. */
  private sealed interface Item {
    record Text(String text) implements Item {}

    record Changes(List<Event> events, int bytes) implements Item {}
  }

  private final HttpServerResponse response;
  private final Executor lane;
  private final long start;
  private final ArrayDeque<Item> waiting = new ArrayDeque<>();
  private long bytes;
  private boolean refused;
  private boolean sending;

  /** Nothing is added any more. */
  private boolean last;

  private boolean ended;
  private WatchStream stream;

  /** Heartbeats since something was written; on the lane only. */
  private int stuck;

  /**
   * @param lane event loop of the response
   * @param start first revision to tell of; 0 for what comes
   */
  EventStream(HttpServerResponse response, Executor lane, long start) {
    this.response = response;
    this.lane = lane;
    this.start = start;
  }

  /** Begins to write; on the lane. */
  void begin(WatchStream opened) {
    stream = opened;
    response.setChunked(true);
    response.putHeader("Content-Type", "text/event-stream");
    response.putHeader("Cache-Control", "no-cache");
    // Proxies that gather answers before they pass them on.
    response.putHeader("X-Accel-Buffering", "no");
    response.drainHandler(_ -> send());
  }

  /** Tells that the stream is alive, and how far it is; on the lane. */
  void heartbeat() {
    if (response.writeQueueFull()) {
      if (++stuck >= PATIENCE) {
        response.reset();
      }
      return;
    }
    stream.progressDue();
    add(": heartbeat\n\n");
  }

  /** Ends the stream after what was added; any thread. */
  void end(ApiError error) {
    stream.close();
    var reason = Entries.JSON.createObjectBuilder().add("detail", error.text());
    addLast(EventText.named("end", reason.build()));
  }

  private synchronized void add(String text) {
    if (!last) {
      waiting.add(new Item.Text(text));
      send();
    }
  }

  private synchronized void addLast(String text) {
    add(text);
    last = true;
    send();
  }

  private synchronized void send() {
    if (!sending) {
      sending = true;
      lane.execute(this::drain);
    }
  }

  private void drain() {
    while (true) {
      Item item;
      boolean room;
      boolean end;
      synchronized (this) {
        boolean mayWrite = !response.ended() && !response.closed() && !response.writeQueueFull();
        item = mayWrite ? waiting.poll() : null;
        if (item instanceof Item.Changes changes) {
          bytes -= changes.bytes;
        }
        room = refused && bytes < MAX_BYTES / 2;
        refused &= !room;
        end = last && waiting.isEmpty() && item == null && !ended;
        ended |= end;
        sending = item != null;
      }
      if (item != null) {
        stuck = 0;
      }
      switch (item) {
        case Item.Text(var text) -> response.write(text);
        case Item.Changes(var events, _) -> response.write(EventText.changes(events));
        case null -> {}
      }
      if (room) {
        stream.room();
      }
      if (end && !response.ended() && !response.closed()) {
        response.end();
      }
      if (item == null) {
        return;
      }
    }
  }

  @Override
  public void created(long watch, long revision) {
    // With an ID, so that who loses the connection before the first change misses none.
    long before = start > 0 ? start - 1 : revision;
    var data = Entries.JSON.createObjectBuilder().add("revision", revision).build();
    add("id: " + before + "\n" + EventText.named("begin", data));
  }

  @Override
  public void refused(long revision, String reason) {
    throw new IllegalStateException("a watch of ours is refused: " + reason);
  }

  @Override
  public boolean events(long watch, long revision, List<Event> events, boolean fragment) {
    int size = events.stream().mapToInt(Event::getSerializedSize).sum();
    synchronized (this) {
      if (bytes >= MAX_BYTES) {
        refused = true;
        return false;
      }
      if (!last) {
        waiting.add(new Item.Changes(events, size));
        bytes += size;
        send();
      }
      return true;
    }
  }

  @Override
  public void progress(long watch, long revision) {
    add(EventText.id(revision));
  }

  @Override
  public void canceled(long watch, long revision) {
    // Not asked for.
  }

  @Override
  public void compacted(long watch, long revision, long compacted) {
    var data =
        Entries.JSON
            .createObjectBuilder()
            .add("detail", "what the watch is to be told of next has been compacted")
            .add("compactRevision", compacted)
            .add("revision", revision)
            .build();
    addLast(EventText.named("compacted", data));
  }

  @Override
  public void ended() {
    addLast(
        EventText.named(
            "end",
            Entries.JSON.createObjectBuilder().add("detail", ApiError.STOPPED.text()).build()));
  }
}
