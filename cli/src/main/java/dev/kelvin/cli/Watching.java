package dev.kelvin.cli;

import dev.kelvin.client.Exchange;
import dev.kelvin.client.Method;
import dev.kelvin.client.NoEndpointException;
import dev.kelvin.client.ServerException;
import dev.kelvin.proto.etcdserverpb.WatchCreateRequest;
import dev.kelvin.proto.etcdserverpb.WatchRequest;
import dev.kelvin.proto.etcdserverpb.WatchResponse;
import dev.kelvin.proto.mvccpb.Event;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * {@code watch}. An answer holds whole revisions; so what comes after the last one seen is all that
 * was not shown yet, whichever node is asked next.
 */
final class Watching {
  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(200);

  private final Keys.Range range;
  private final boolean before;
  private final Session session;

  /** Revision to be shown next; 0 while not known. */
  private long next;

  private Watching(Given given, Session session) {
    this.session = session;
    range = Keys.Range.of(given);
    before = given.flag("--prev-kv");
    next = given.number("--rev");
  }

  static int watch(Given given, Session session) throws IOException {
    return new Watching(given, session).run();
  }

  private int run() throws IOException {
    boolean begun = false;
    while (true) {
      try (var exchange = session.client().open(Method.WATCH, request(), false)) {
        begun = true;
        follow(exchange);
      } catch (Lost e) {
        session.say(e.getMessage() + ", going on");
        session.client().moveOn();
      } catch (NoEndpointException e) {
        if (!begun) {
          throw e;
        }
        session.say(e.getMessage() + "; trying on");
      }
      LockSupport.parkNanos(PAUSE);
    }
  }

  /** A node that was watched is of no use any more. */
  private static final class Lost extends Exception {
    private static final long serialVersionUID = 1;

    Lost(String message, Exception cause) {
      super(message, cause);
    }
  }

  private WatchRequest request() {
    return WatchRequest.newBuilder()
        .setCreateRequest(
            WatchCreateRequest.newBuilder()
                .setKey(range.key())
                .setRangeEnd(range.end())
                .setStartRevision(next)
                .setPrevKv(before))
        .build();
  }

  private void follow(Exchange<WatchRequest, WatchResponse> exchange) throws Lost, IOException {
    while (true) {
      var response = await(exchange);
      if (response.getCanceled()) {
        ended(response, exchange);
      }
      for (var event : response.getEventsList()) {
        show(event);
      }
      session.out().flush();
      int events = response.getEventsCount();
      if (events > 0) {
        next = response.getEvents(events - 1).getKv().getModRevision() + 1;
      } else if (response.getCreated() && next == 0) {
        next = response.getHeader().getRevision() + 1;
      }
    }
  }

  private static WatchResponse await(Exchange<WatchRequest, WatchResponse> exchange) throws Lost {
    try {
      var response = exchange.next();
      if (response != null) {
        return response;
      }
      throw new Lost(exchange.endpoint() + " ended the watch", null);
    } catch (IOException e) {
      throw new Lost(exchange.endpoint() + " " + e.getMessage(), e);
    } catch (ServerException e) {
      boolean passes =
          e.code() == ServerException.UNAVAILABLE
              || e.code() == ServerException.CANCELLED
              || e.code() == ServerException.RESOURCE_EXHAUSTED;
      if (!passes) {
        throw e;
      }
      throw new Lost(exchange.endpoint() + " says \"" + e.getMessage() + "\"", e);
    }
  }

  private void ended(WatchResponse response, Exchange<?, ?> exchange) throws Lost {
    if (response.getCompactRevision() > 0) {
      throw new FailedException(
          Exit.FAILURE,
          "revision "
              + next
              + " is compacted; the first that can be watched is "
              + response.getCompactRevision());
    }
    var reason = exchange.endpoint() + " says \"" + response.getCancelReason() + "\"";
    if (response.getCreated()) {
      throw new FailedException(Exit.FAILURE, reason);
    }
    throw new Lost(reason, null);
  }

  private void show(Event event) throws IOException {
    var type = event.getType().name();
    switch (session.form(Session.Form.PLAIN)) {
      case JSON -> {
        var json =
            new Json().string("type", type).object("kv", j -> Json.keyValue(j, event.getKv()));
        if (event.hasPrevKv()) {
          json.object("prev_kv", j -> Json.keyValue(j, event.getPrevKv()));
        }
        session.println(json.toString());
      }
      case TABLE ->
          session.println(
              type
                  + "  "
                  + event.getKv().getModRevision()
                  + "  "
                  + Bytes.readable(event.getKv().getKey())
                  + "  "
                  + Bytes.readable(event.getKv().getValue()));
      case PLAIN -> {
        session.println(type);
        if (event.hasPrevKv()) {
          Keys.show(event.getPrevKv(), session);
        }
        Keys.show(event.getKv(), session);
      }
    }
  }
}
