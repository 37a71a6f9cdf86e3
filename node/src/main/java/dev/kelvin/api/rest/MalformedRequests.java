package dev.kelvin.api.rest;

import io.vertx.core.VertxException;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/**
 * Answers requests that the framework finds malformed before any resource sees them, as one without
 * a {@code Host}. Its own way would write an error to the log for each: a client must not fill it.
 */
@Singleton
public class MalformedRequests {
  private static final int BAD_REQUEST = 400;

  void route(@Observes Router router) {
    router.route().order(Integer.MIN_VALUE).failureHandler(MalformedRequests::answer);
  }

  private static void answer(RoutingContext context) {
    if (context.statusCode() != BAD_REQUEST
        || !(context.failure() instanceof VertxException why)
        || context.response().headWritten()) {
      context.next();
      return;
    }
    Problem.badRequest(why.getMessage()).answer(context.response());
  }
}
