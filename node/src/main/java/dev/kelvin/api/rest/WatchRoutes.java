package dev.kelvin.api.rest;

import com.google.protobuf.ByteString;
import dev.kelvin.api.ApiError;
import dev.kelvin.api.Requests;
import dev.kelvin.member.Node;
import dev.kelvin.watch.WatchRequest;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Watches over HTTP: {@code /v1/watch/{key}} and {@code /v1/watch?prefix=…}, answered with a stream
 * of server-sent events. Routes of the server itself rather than resources: what is written, when,
 * and how much waits, is decided in {@link EventStream}.
 */
@Singleton
public class WatchRoutes {
  private static final String PATH = "/v1/watch";

  /** As the API's description has them. */
  static final List<String> PATHS = List.of(PATH, PATH + "/{key}");

  /** So that those who watch leave connections for others. */
  private static final int MAX_STREAMS = 1024;

  private static final int DEFAULT_HEARTBEAT = 15;
  private static final int MAX_HEARTBEAT = 600;

  private final Node node;
  private final Requests requests;
  private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  @Inject
  WatchRoutes(Node node, Requests requests) {
    this.node = node;
    this.requests = requests;
  }

  void routes(@Observes Router router) {
    router.get(PATH).handler(this::guarded);
    router.get(PATH + "/*").handler(this::guarded);
    router.route(PATH).handler(WatchRoutes::refuseMethod);
    router.route(PATH + "/*").handler(WatchRoutes::refuseMethod);
    // The framework waits for requests to end before it tells anybody that it stops, and these do
    // not end by themselves.
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "kelvin-watch-stop"));
  }

  private static void refuseMethod(RoutingContext context) {
    new Problem(405, "not a method of " + context.request().path())
        .withHeader("Allow", "GET")
        .answer(context.response());
  }

  private void stop() {
    stopping = true;
    streams.forEach(stream -> stream.end(ApiError.STOPPED));
  }

  private void guarded(RoutingContext context) {
    try {
      watch(context);
    } catch (ProblemException e) {
      e.problem().answer(context.response());
    }
  }

  private void watch(RoutingContext context) {
    var http = context.request();
    boolean one = http.path().length() > PATH.length() + 1;
    var query =
        one
            ? Query.of(http, "from", "previous", "heartbeat")
            : Query.of(http, "prefix", "from", "previous", "heartbeat");
    ByteString key;
    ByteString end;
    if (one) {
      key = KvResource.key(http, PATH + "/");
      end = ByteString.EMPTY;
    } else {
      var prefix = new KeyPrefix(query.bytes("prefix"));
      key = prefix.from();
      end = prefix.end();
    }
    long start = start(http, query);
    boolean previous = query.flag("previous");
    long heartbeat = query.number("heartbeat", 1, MAX_HEARTBEAT, DEFAULT_HEARTBEAT);
    var error = requests.admit(false, false);
    var watches = node.watches();
    if (error != null || watches == null || stopping) {
      throw Problem.of(error == null ? ApiError.STOPPED : error).exception();
    }
    if (streams.size() >= MAX_STREAMS) {
      throw new Problem(503, "this node has " + MAX_STREAMS + " event streams already").exception();
    }
    var events = new EventStream(context.response(), Lane.current(), start);
    var stream = watches.open(events);
    if (stream.isEmpty()) {
      throw Problem.of(ApiError.STOPPED).exception();
    }
    events.begin(stream.get());
    streams.add(events);
    long timer = context.vertx().setPeriodic(heartbeat * 1000, _ -> events.heartbeat());
    context.addEndHandler(
        _ -> {
          context.vertx().cancelTimer(timer);
          streams.remove(events);
          stream.get().close();
        });
    stream.get().create(new WatchRequest(0, key, end, start, false, false, previous, true, false));
    if (stopping) {
      events.end(ApiError.STOPPED);
    }
  }

  /** What a client has heard counts more than where it once began. */
  private static long start(HttpServerRequest http, Query query) {
    var heard = http.getHeader("Last-Event-ID");
    if (heard == null) {
      return query.number("from", 1, Long.MAX_VALUE, 0);
    }
    if (!heard.matches("\\d{1,18}")) {
      throw Problem.badRequest("Last-Event-ID must be a revision").exception();
    }
    return Long.parseLong(heard) + 1;
  }
}
