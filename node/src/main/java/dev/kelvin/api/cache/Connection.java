package dev.kelvin.api.cache;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * One client's connection: requests are begun in the order they came, as many as have come, and
 * answered in that order. Of two requests about one key, one of which changes it, the second waits
 * until the first is answered: so they take effect in order whatever happens to a proposal on its
 * way, and a read sees the writes before it. Reading stops while too much is under way or the
 * client does not take its answers.
 */
final class Connection extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = Logger.getLogger(Connection.class);

  /** Requests begun and not answered to the client yet. */
  static final int MAX_UNDER_WAY = 1024;

  /** Their bytes, and those that the answers of reads are expected to have; but at least one. */
  static final int MAX_BYTES_UNDER_WAY = 1 << 20;

  /** Of answers written in one piece. */
  private static final int WRITE_BYTES = 64 << 10;

  /** For the client to hear the last answer and stop sending: a reset would overtake it. */
  private static final long LINGER_SECONDS = 1;

  private final Function<Connection, Frames> protocol;
  private final DoorMeter meter;
  private final Budget budget;
  private final Patience patience;
  private final ArrayDeque<Operation> underWay = new ArrayDeque<>();

  /** Keys of what is under way: how many reads, or -1 for a write. */
  private final Map<ByteString, Integer> keys = new HashMap<>();

  private ChannelHandlerContext context;
  private Frames frames;
  private ByteBuf arrived = Unpooled.EMPTY_BUFFER;

  /** Waits for its key; nothing after it is looked at. */
  private Operation waiting;

  private int bytesUnderWay;
  private int readsUnderWay;

  /** What the answer of a read is expected to have. */
  private int readBytes;

  private long taken;
  private boolean drainDue;

  /** The client sends no more. */
  private boolean heardAll;

  /** Nothing further is begun. */
  private boolean ending;

  /** The last answer is on its way. */
  private boolean ended;

  private boolean closed;

  /**
   * @param nanos after which a frame must be whole, and a client have taken some of its answers
   */
  Connection(Function<Connection, Frames> protocol, DoorMeter meter, Budget budget, long nanos) {
    this.protocol = protocol;
    this.meter = meter;
    this.budget = budget;
    patience = new Patience(nanos);
  }

  Executor lane() {
    return context.channel().eventLoop();
  }

  Budget budget() {
    return budget;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    frames = protocol.apply(this);
    patience.watch(
        ctx,
        () -> {
          meter.slow();
          LOG.debugf("%s: closed for its slowness", ctx.channel());
          ctx.close();
        });
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    var bytes = (ByteBuf) message;
    if (ending || closed) {
      bytes.release();
      return;
    }
    if (arrived.readerIndex() > 0) {
      // What is taken makes room, or a stream that never pauses between frames would grow it.
      arrived.discardSomeReadBytes();
    }
    arrived = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), arrived, bytes);
    advance();
  }

  /** Begins all that has come and may be begun, and decides whether more is read. */
  private void advance() {
    if (ended || closed) {
      return;
    }
    boolean free = !ending && free();
    while (free) {
      var next = waiting != null ? waiting : frames.next(arrived);
      waiting = null;
      if (next == null) {
        break;
      }
      begin(next);
      free = !ending && free();
    }
    boolean partial = free && (arrived.isReadable() || frames.within());
    patience.frame(partial ? taken : -1);
    if (!arrived.isReadable()) {
      arrived.release();
      arrived = Unpooled.EMPTY_BUFFER;
    }
    context.channel().config().setAutoRead(free && !heardAll);
    // Free, and still here: there is no further whole request.
    if (underWay.isEmpty() && (ending || heardAll && free)) {
      finish();
    }
  }

  private boolean free() {
    boolean room =
        underWay.isEmpty()
            || underWay.size() < MAX_UNDER_WAY
                && bytesUnderWay + (readsUnderWay + 1L) * readBytes < MAX_BYTES_UNDER_WAY;
    return room && context.channel().isWritable() && (waiting == null || !conflicts(waiting));
  }

  private boolean conflicts(Operation operation) {
    var others = operation.key() == null ? null : keys.get(operation.key());
    return others != null && (operation.write() || others < 0);
  }

  private void begin(Operation operation) {
    if (conflicts(operation)) {
      waiting = operation;
      return;
    }
    taken++;
    ending = operation.last();
    underWay.add(operation);
    bytesUnderWay += operation.size();
    if (operation.answered()) {
      drainSoon();
      return;
    }
    if (operation.key() != null) {
      keys.merge(operation.key(), operation.write() ? -1 : 1, Integer::sum);
      readsUnderWay += operation.write() ? 0 : 1;
    }
    operation.begin();
  }

  /** An answer is known. */
  void answered(Operation operation) {
    if (closed) {
      budget.giveBack(operation.held());
      return;
    }
    if (operation.key() != null) {
      if (operation.write()) {
        keys.remove(operation.key());
      } else {
        keys.computeIfPresent(operation.key(), (key, reads) -> reads == 1 ? null : reads - 1);
        readsUnderWay--;
      }
    }
    drainSoon();
  }

  /** Answers of one batch become known one after the other in one task: written in the next. */
  private void drainSoon() {
    if (!drainDue) {
      drainDue = true;
      context.channel().eventLoop().execute(this::drain);
    }
  }

  private void drain() {
    drainDue = false;
    boolean wrote = false;
    while (!closed && context.channel().isWritable() && writeSome()) {
      wrote = true;
    }
    if (wrote) {
      context.flush();
    }
    advance();
  }

  /** Writes answers that are due, up to some size; false if none is. */
  private boolean writeSome() {
    if (underWay.isEmpty() || !underWay.peek().answered()) {
      return false;
    }
    var out = context.alloc().ioBuffer();
    long held = 0;
    for (var next = underWay.peek();
        next != null && next.answered() && out.readableBytes() < WRITE_BYTES;
        next = underWay.peek()) {
      int before = out.readableBytes();
      underWay.remove();
      next.encode(out);
      if (next.key() != null && !next.write()) {
        // The largest lately.
        readBytes = Math.max(out.readableBytes() - before, readBytes - readBytes / 8);
      }
      bytesUnderWay -= next.size();
      held += next.held();
      meter.count(next.result());
    }
    long sent = held;
    context.write(out).addListener(done -> budget.giveBack(sent));
    return true;
  }

  /** Everything that was begun is answered, and that was all. */
  private void finish() {
    ended = true;
    patience.closing();
    context
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            done -> {
              if (!heardAll
                  && done.isSuccess()
                  && context.channel() instanceof DuplexChannel halves) {
                halves.shutdownOutput();
                context.channel().config().setAutoRead(true);
                context
                    .channel()
                    .eventLoop()
                    .schedule(() -> context.close(), LINGER_SECONDS, TimeUnit.SECONDS);
              } else {
                context.close();
              }
            });
  }

  /** Begins nothing more, and closes when all that was begun is answered. Any thread. */
  void drainAndClose() {
    context
        .channel()
        .eventLoop()
        .execute(
            () -> {
              if (underWay.isEmpty() && !arrived.isReadable()) {
                context.close();
                return;
              }
              ending = true;
              advance();
            });
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      heardAll = true;
      if (ended) {
        ctx.close();
      } else {
        advance();
      }
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    patience.writable(ctx.channel().isWritable());
    if (ctx.channel().isWritable()) {
      drainSoon();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closed = true;
    patience.stop();
    frames.close();
    arrived.release();
    arrived = Unpooled.EMPTY_BUFFER;
    if (waiting != null) {
      budget.giveBack(waiting.held());
    }
    for (var operation : underWay) {
      if (operation.answered()) {
        budget.giveBack(operation.held());
      }
    }
    underWay.clear();
  }

  /** A reset, most of the time: nobody is left to be told. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debugf("%s: %s", ctx.channel(), cause.getMessage());
    } else {
      LOG.errorf(cause, "%s: closed for a defect", ctx.channel());
    }
    ctx.close();
  }
}
