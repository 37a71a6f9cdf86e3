package dev.kelvin.api.cache;

import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * How long a connection is borne with: a frame must be whole, and of answers that back up something
 * be taken, within a time. A connection that is idle may stay. One timer, and only while there is
 * something to be watched. On the connection's event loop.
 */
final class Patience {
  private final long nanos;
  private ChannelHandlerContext context;
  private Runnable over;
  private Future<?> timer;

  /** Number of the frame that is not whole; -1 for none. */
  private long frame = -1;

  private long frameSince;

  /** Answers back up, and this many of their bytes were left at that time. */
  private boolean stuck;

  private long left;
  private long stuckSince;

  private boolean closing;
  private long closingSince;

  Patience(long nanos) {
    this.nanos = nanos;
  }

  /**
   * @param over run when the time is over
   */
  void watch(ChannelHandlerContext ctx, Runnable over) {
    context = ctx;
    this.over = over;
  }

  /**
   * @param number of the frame that has begun to come; -1 for none
   */
  void frame(long number) {
    if (number != frame) {
      frame = number;
      if (number >= 0) {
        frameSince = System.nanoTime();
        arm();
      }
    }
  }

  void writable(boolean writable) {
    if (stuck == writable) {
      stuck = !writable;
      stuckSince = System.nanoTime();
      left = context.channel().bytesBeforeWritable();
      arm();
    }
  }

  /** The last answer is to be taken. */
  void closing() {
    closing = true;
    closingSince = System.nanoTime();
    arm();
  }

  void stop() {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  private void arm() {
    if (timer == null && watching()) {
      timer = context.executor().schedule(this::look, nanos, TimeUnit.NANOSECONDS);
    }
  }

  private boolean watching() {
    return frame >= 0 || stuck || closing;
  }

  private void look() {
    timer = null;
    long now = System.nanoTime();
    if (stuck && context.channel().bytesBeforeWritable() < left) {
      left = context.channel().bytesBeforeWritable();
      stuckSince = now;
    }
    long waited =
        Math.max(
            frame >= 0 ? now - frameSince : 0,
            Math.max(stuck ? now - stuckSince : 0, closing ? now - closingSince : 0));
    if (waited >= nanos) {
      over.run();
    } else if (watching()) {
      timer = context.executor().schedule(this::look, nanos - waited, TimeUnit.NANOSECONDS);
    }
  }
}
