package dev.kelvin.api.etcd;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.concurrent.Executor;

/**
 * The event loops of the client port. A call's handler runs on the event loop of its connection,
 * and its answer is to be given there: a batch of answers is then one task and one flush.
 */
final class Lanes {
  private final EventExecutor[] loops;

  Lanes(EventLoopGroup group) {
    var all = new ArrayList<EventExecutor>();
    group.forEach(all::add);
    loops = all.toArray(EventExecutor[]::new);
  }

  /**
   * Event loop of the calling thread.
   *
   * @throws IllegalStateException on any other thread
   */
  Executor current() {
    for (var loop : loops) {
      if (loop.inEventLoop()) {
        return loop;
      }
    }
    throw new IllegalStateException("not on an event loop: " + Thread.currentThread());
  }
}
