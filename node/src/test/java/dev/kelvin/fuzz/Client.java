package dev.kelvin.fuzz;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/**
 * Sends sessions, one at a time, each on a connection of its own, and listens while it does: a door
 * that nobody listens to stops reading. Confined to a thread.
 */
final class Client implements AutoCloseable {
  /** With nothing moving for so long, a connection is stuck. */
  static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

  private static final long LOOK_MILLIS = 1000;
  private static final long SHORT_SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(3);
  private static final long LONG_SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LONG_SILENCE_IN = 20;

  private final Selector selector = Selector.open();
  private final ByteBuffer in = ByteBuffer.allocate(64 << 10);

  Client() throws IOException {}

  /**
   * What became of a session.
   *
   * @param sent bytes that left; without the probe's
   * @param refused requests that were as they should be and were refused
   * @param reset whether the door ended the connection by a reset
   */
  record Result(int sent, int refused, boolean reset) {}

  /** Where writes end: behind a frame's part that is to be a packet, and at the end. */
  private static final class Cuts {
    private final Session session;
    private final int size;
    private int frame;
    private int begin;

    Cuts(Session session, int size) {
      this.session = session;
      this.size = size;
    }

    /** The first one behind {@code at}. */
    int next(int at) {
      var frames = session.frames();
      for (; frame < frames.size(); frame++) {
        var here = frames.get(frame);
        int end = begin + here.bytes().length;
        if (here.cut() == Frame.EVERYWHERE && at >= begin && at < end) {
          return at + 1;
        }
        if (here.cut() != 0 && at < begin) {
          return begin;
        }
        if (here.cut() > 0 && at < begin + here.cut()) {
          return begin + here.cut();
        }
        if (here.cut() != 0 && at < end) {
          return end;
        }
        begin = end;
      }
      return size;
    }
  }

  /**
   * Carries a session out.
   *
   * @throws Wrong if the door did not do what it should
   * @throws IOException if there is no connection to be had
   */
  Result run(Session session, InetSocketAddress door) throws Wrong, IOException {
    try (var channel = SocketChannel.open(door)) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      var key = channel.register(selector, SelectionKey.OP_READ);
      try {
        return new Exchange(session, channel, key).run();
      } finally {
        key.cancel();
        selector.selectNow();
      }
    }
  }

  private final class Exchange {
    private final SocketChannel channel;
    private final SelectionKey key;
    private final Conversation talk;
    private final Cuts cuts;
    private final ByteBuffer out;
    private final int frameBytes;
    private boolean deaf;
    private boolean ended;
    private boolean reset;
    private boolean halfClosed;
    private long moved = System.nanoTime();

    /** For an answer to a last frame to come, if there is one. */
    private final long silenceNanos;

    Exchange(Session session, SocketChannel channel, SelectionKey key) {
      this.channel = channel;
      this.key = key;
      talk = session.conversation();
      var frames = session.bytes();
      frameBytes = frames.length;
      out = ByteBuffer.wrap(Dice.join(frames, talk.probe()));
      cuts = new Cuts(session, out.capacity());
      out.limit(cuts.next(0));
      silenceNanos =
          session.mark() % LONG_SILENCE_IN == 0 ? LONG_SILENCE_NANOS : SHORT_SILENCE_NANOS;
    }

    Result run() throws Wrong, IOException {
      while (!over()) {
        if (write() | read()) {
          moved = System.nanoTime();
        } else if (System.nanoTime() - moved > PATIENCE_NANOS) {
          throw new Wrong("stuck: " + state());
        } else {
          boolean more = !deaf && out.position() < out.capacity();
          key.interestOps(
              more ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
          boolean silence = talk.end() == Conversation.End.OPEN && !halfClosed;
          selector.select(silence ? TimeUnit.NANOSECONDS.toMillis(silenceNanos) : LOOK_MILLIS);
          selector.selectedKeys().clear();
        }
      }
      return new Result(Math.min(out.position(), frameBytes), talk.refused(), reset);
    }

    private String state() {
      return "%s, %d of %d bytes sent%s, to end as %s"
          .formatted(
              talk.progress(),
              out.position(),
              out.capacity(),
              halfClosed ? " and no more to come" : "",
              talk.end());
    }

    private boolean over() throws Wrong {
      if (talk.end() == Conversation.End.PROBE && talk.complete() && !ended) {
        return true;
      }
      if (!ended) {
        return false;
      }
      // Who resets drops what was on its way, and may: bytes were sent that it does not read. So
      // may
      // HTTP, when what follows cannot be understood.
      boolean excused =
          reset && talk.end() != Conversation.End.PROBE || talk.end() == Conversation.End.OPEN;
      if (!talk.complete() && !excused) {
        throw new Wrong("closed too early: " + state() + (reset ? ", reset" : ""));
      }
      return true;
    }

    private boolean write() throws IOException {
      if (deaf) {
        return false;
      }
      if (out.position() == out.capacity()) {
        return halfClose();
      }
      try {
        int written = channel.write(out);
        if (!out.hasRemaining()) {
          out.limit(cuts.next(out.position()));
        }
        return written > 0;
      } catch (IOException e) {
        // It reads no more; what it said before can still be heard.
        deaf = true;
        return true;
      }
    }

    private boolean halfClose() throws IOException {
      // HTTP knows no half connections: what is on its way would be dropped.
      boolean due =
          talk.end() == Conversation.End.PARTIAL
              || talk.end() == Conversation.End.OPEN
                  && talk.complete()
                  && System.nanoTime() - moved > silenceNanos;
      if (!due || halfClosed || ended) {
        return false;
      }
      halfClosed = true;
      try {
        channel.shutdownOutput();
      } catch (IOException e) {
        deaf = true;
      }
      return true;
    }

    private boolean read() throws Wrong {
      if (ended) {
        return false;
      }
      in.clear();
      try {
        int count = channel.read(in);
        if (count < 0) {
          ended = true;
        } else if (count > 0) {
          talk.feed(in.array(), count);
        }
        return count != 0;
      } catch (IOException e) {
        ended = true;
        reset = true;
        return true;
      }
    }
  }

  @Override
  public void close() throws IOException {
    selector.close();
  }
}
