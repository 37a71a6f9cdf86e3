package dev.kelvin.api.rest;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Closes a connection on which something came and nothing was answered for too long, however busily
 * more comes: a request whose head or body does not end. Requests that are whole are answered much
 * sooner. First in the pipeline of a connection.
 */
final class SlowRequest extends ChannelDuplexHandler {
  private static final Logger LOG = Logger.getLogger(SlowRequest.class);

  private final long limitNanos;
  private final LongSupplier clock;
  private boolean waiting;
  private long since;
  private Future<?> timer;

  /**
   * @param clock nanoseconds, as {@link System#nanoTime}
   */
  SlowRequest(long limitNanos, LongSupplier clock) {
    this.limitNanos = limitNanos;
    this.clock = clock;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!waiting) {
      waiting = true;
      since = clock.getAsLong();
      if (timer == null) {
        arm(context, limitNanos);
      }
    }
    context.fireChannelRead(message);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    waiting = false;
    context.write(message, promise);
  }

  /** A timer that stays for a request that was answered spares one for each. */
  private void arm(ChannelHandlerContext context, long nanos) {
    timer = context.executor().schedule(() -> look(context), nanos, TimeUnit.NANOSECONDS);
  }

  private void look(ChannelHandlerContext context) {
    timer = null;
    if (!waiting) {
      return;
    }
    long left = limitNanos - (clock.getAsLong() - since);
    if (left > 0) {
      arm(context, left);
    } else {
      LOG.debugf("%s: closed, a request did not become whole", context.channel());
      context.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (timer != null) {
      timer.cancel(false);
    }
    context.fireChannelInactive();
  }
}
