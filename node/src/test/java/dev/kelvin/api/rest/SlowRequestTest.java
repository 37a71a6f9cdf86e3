package dev.kelvin.api.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SlowRequestTest {
  private static final long LIMIT_SECONDS = 60;

  private final AtomicLong now = new AtomicLong(-7);
  private EmbeddedChannel channel;

  @BeforeEach
  void open() {
    channel =
        new EmbeddedChannel(new SlowRequest(TimeUnit.SECONDS.toNanos(LIMIT_SECONDS), now::get));
    channel.freezeTime();
  }

  private void pass(long seconds) {
    now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
  }

  @Test
  void aRequestThatDribblesOnIsClosedInTime() {
    for (int second = 0; second < LIMIT_SECONDS; second++) {
      assertTrue(channel.isOpen(), "after " + second);
      channel.writeInbound("x");
      pass(1);
    }
    assertFalse(channel.isOpen());
  }

  @Test
  void aConnectionOnWhichNothingComesStays() {
    pass(10 * LIMIT_SECONDS);
    assertTrue(channel.isOpen());
  }

  @Test
  void whatIsAnsweredMayBeFollowedByAnotherRequestAtAnyTime() {
    for (int i = 0; i < 5; i++) {
      channel.writeInbound("request");
      channel.writeOutbound("answer");
      pass(LIMIT_SECONDS - 1);
      assertTrue(channel.isOpen());
    }
    channel.writeInbound("request");
    pass(LIMIT_SECONDS - 1);
    assertTrue(channel.isOpen(), "counts from when this one began");
    pass(1);
    assertFalse(channel.isOpen());
  }

  @Test
  void allIsPassedOn() {
    channel.writeInbound("request");
    channel.writeOutbound("answer");
    assertEquals("request", channel.readInbound());
    assertEquals("answer", channel.readOutbound());
  }

  @Test
  void nettyFindsIt() {
    var found =
        ServiceLoader.load(io.netty.bootstrap.ChannelInitializerExtension.class).stream()
            .map(ServiceLoader.Provider::type)
            .toList();
    assertTrue(found.contains(HttpConnections.class), found::toString);
  }
}
