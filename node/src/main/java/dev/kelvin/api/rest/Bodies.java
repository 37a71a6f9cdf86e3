package dev.kelvin.api.rest;

import com.google.protobuf.ByteString;
import dev.kelvin.api.ApiError;
import dev.kelvin.api.Limits;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Bodies of requests, as they arrive: without a thread that waits for them, each bounded in size
 * and time, and all that are under way together in memory.
 */
@Singleton
class Bodies {
  /** Beyond it, of all bodies that have arrived in part. */
  private static final long MAX_HELD = 32 << 20;

  /** From a request's head to the end of its body. */
  private static final long MAX_MILLIS = 30_000;

  /** For a client to read why it is refused, before its connection is closed. */
  private static final long LINGER_MILLIS = 1_000;

  private final int maxBytes;
  private final AtomicLong held = new AtomicLong();

  @Inject
  Bodies(Limits limits) {
    maxBytes = limits.maxRequestBytes();
  }

  /**
   * Reads a body. On the request's event loop, before anything of it has arrived; calls back there,
   * once.
   */
  void read(HttpServerRequest request, Consumer<ByteString> whole, Consumer<Problem> refused) {
    if (request.isEnded()) {
      whole.accept(ByteString.EMPTY);
      return;
    }
    var body = new Body(request, whole, refused);
    request.pause();
    request.handler(body::arrived);
    request.endHandler(_ -> body.complete());
    request.exceptionHandler(_ -> body.refuse(Problem.badRequest("the body ends too early")));
    if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
      request.response().writeContinue();
    }
    request.resume();
  }

  /**
   * Sees to it that a client that goes on sending what is refused is not listened to for long;
   * others on a connection of HTTP/2 are left alone.
   */
  static void closeSoon(HttpServerRequest request) {
    if (request.version() != HttpVersion.HTTP_2) {
      var connection = request.connection();
      Vertx.currentContext().owner().setTimer(LINGER_MILLIS, _ -> connection.close());
    }
  }

  private final class Body {
    private final HttpServerRequest request;
    private final Consumer<ByteString> whole;
    private final Consumer<Problem> refused;
    private final ByteString.Output bytes = ByteString.newOutput();
    private final Vertx vertx = Vertx.currentContext().owner();
    private final long timer = vertx.setTimer(MAX_MILLIS, _ -> late());
    private int size;
    private boolean over;

    Body(HttpServerRequest request, Consumer<ByteString> whole, Consumer<Problem> refused) {
      this.request = request;
      this.whole = whole;
      this.refused = refused;
    }

    private void arrived(Buffer part) {
      if (over) {
        return;
      }
      int length = part.length();
      if (length > maxBytes - size) {
        refuse(Problem.of(ApiError.TOO_LARGE));
        closeSoon(request);
      } else if (held.addAndGet(length) > MAX_HELD) {
        held.addAndGet(-length);
        refuse(Problem.of(ApiError.TOO_MANY_REQUESTS));
        closeSoon(request);
      } else {
        size += length;
        bytes.write(part.getBytes(), 0, length);
      }
    }

    private void complete() {
      if (end()) {
        whole.accept(bytes.toByteString());
      }
    }

    private void late() {
      refuse(new Problem(408, "the body did not arrive within " + MAX_MILLIS + " ms"));
      closeSoon(request);
    }

    private void refuse(Problem problem) {
      if (end()) {
        refused.accept(problem);
      }
    }

    private boolean end() {
      boolean first = !over;
      if (first) {
        over = true;
        held.addAndGet(-size);
        vertx.cancelTimer(timer);
      }
      return first;
    }
  }
}
