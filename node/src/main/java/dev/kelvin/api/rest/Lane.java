package dev.kelvin.api.rest;

import io.vertx.core.Vertx;
import java.util.concurrent.Executor;

/** Where an HTTP request's answer is given: its Vert.x context, which is one event loop's. */
final class Lane {
  private Lane() {}

  /**
   * @throws IllegalStateException outside of a request
   */
  static Executor current() {
    var context = Vertx.currentContext();
    if (context == null) {
      throw new IllegalStateException("not on a Vert.x context: " + Thread.currentThread());
    }
    return task -> context.runOnContext(ignored -> task.run());
  }
}
