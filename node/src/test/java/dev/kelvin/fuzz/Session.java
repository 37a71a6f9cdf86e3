package dev.kelvin.fuzz;

import java.util.List;

/**
 * What is sent on one connection. It depends on seed and index alone.
 *
 * @param index place in the run; decides what a probe looks like, too
 */
record Session(long seed, long index, Door door, List<Frame> frames) {
  private static final long PROBE_NUMBERS = 1_000_000_000L;

  static Session draw(long seed, long index) {
    var dice = new Dice(seed, index);
    // Connections of HTTP are shorter: most of what is odd there ends one.
    var door = dice.percent(60) ? Door.HTTP : dice.percent(55) ? Door.CACHE : Door.JSON;
    return draw(seed, index, door, dice);
  }

  private static Session draw(long seed, long index, Door door, Dice dice) {
    var frames =
        switch (door) {
          case CACHE -> new CacheFrames(dice).draw();
          case JSON -> new JsonFrames(dice).draw();
          case HTTP -> new HttpFrames(dice).draw();
        };
    return new Session(seed, index, door, frames);
  }

  /** Only the first {@code count} frames. */
  Session prefix(int count) {
    return new Session(seed, index, door, List.copyOf(frames.subList(0, count)));
  }

  /** A number that no session near this one has. */
  long mark() {
    return Math.floorMod(seed * 31 + index, PROBE_NUMBERS);
  }

  /** What must come back. */
  Conversation conversation() {
    return switch (door) {
      case CACHE -> new CacheConversation(this);
      case JSON -> new JsonConversation(this);
      case HTTP -> new HttpConversation(this);
    };
  }

  byte[] bytes() {
    return Dice.join(frames.stream().map(Frame::bytes).toArray(byte[][]::new));
  }
}
