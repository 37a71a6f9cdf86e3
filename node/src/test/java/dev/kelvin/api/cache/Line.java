package dev.kelvin.api.cache;

import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.kelvin.api.FakeNode;
import dev.kelvin.api.Limits;
import dev.kelvin.api.ReadPool;
import dev.kelvin.api.Requests;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A connection in one thread, with a fake node behind it. */
final class Line implements AutoCloseable {
  static final int MAX_REQUEST = 1000;

  final FakeNode node = new FakeNode();
  final DoorMeter meter = new DoorMeter("test");
  final Budget budget;
  final EmbeddedChannel channel;
  private final ReadPool pool = new ReadPool(1, 16);

  private Line(long memory, Function<Line, Function<Connection, Frames>> protocol) {
    budget = new Budget(memory);
    channel =
        new EmbeddedChannel(
            new Connection(protocol.apply(this), meter, budget, TimeUnit.SECONDS.toNanos(30)));
  }

  private Requests requests() {
    return new Requests(node, new Limits(MAX_REQUEST, 128), pool);
  }

  /**
   * @param memory bytes that requests may take
   */
  static Line cache(long memory) {
    return new Line(
        memory,
        line -> {
          var requests = line.requests();
          var joins = new Joins(line.node);
          return connection -> new CacheFrames(connection, requests, joins);
        });
  }

  static Line json(long memory) {
    return new Line(
        memory,
        line -> {
          var requests = line.requests();
          return connection -> new JsonLines(connection, line.node, requests);
        });
  }

  Line send(byte[] bytes) {
    channel.writeInbound(Unpooled.wrappedBuffer(bytes));
    return this;
  }

  Line send(String text) {
    return send(text.getBytes(StandardCharsets.UTF_8));
  }

  /** What was answered since the last call. */
  byte[] answers() {
    channel.runPendingTasks();
    var out = new ByteArrayOutputStream();
    for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
      var bytes = new byte[next.readableBytes()];
      next.readBytes(bytes);
      next.release();
      out.writeBytes(bytes);
    }
    return out.toByteArray();
  }

  String text() {
    return new String(answers(), StandardCharsets.UTF_8);
  }

  boolean open() {
    return channel.isOpen();
  }

  /** Ends the connection; nothing may be held for it then. */
  @Override
  public void close() {
    channel.finishAndReleaseAll();
    assertFalse(channel.isOpen());
    pool.close();
  }
}
