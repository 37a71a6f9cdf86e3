package dev.kelvin.fuzz;

import static dev.kelvin.fuzz.Dice.ascii;

import dev.kelvin.fuzz.CacheModel.Rest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Frames of the cache protocol, mutated. Mutants that keep the framing stand anywhere; one that
 * does not, as {@link CacheModel} has it, is the last, or is followed by what nobody reads.
 */
final class CacheFrames {
  private static final int MOST = 600;
  private static final int ATTEMPTS = 8;

  /** So that keys which end by themselves do not pile up. */
  private static final int MOST_SECONDS = 60;

  private final Dice dice;

  CacheFrames(Dice dice) {
    this.dice = dice;
  }

  List<Frame> draw() {
    var frames = new ArrayList<Frame>();
    int length = dice.one(8) ? dice.upTo(3) : dice.between(1, MOST);
    while (frames.size() < length) {
      frames.add(whole());
    }
    if (dice.one(15)) {
      frames.addAll(split());
    }
    switch (dice.upTo(5)) {
      case 0, 1 -> frames.addAll(ending());
      case 2 -> frames.add(new Frame(Kind.CACHE_TRUNCATED, dice.truncated(any())));
      default -> {}
    }
    return frames;
  }

  private Frame whole() {
    int draw = dice.upTo(1000);
    if (draw < 300) {
      return new Frame(Kind.CACHE_GET, get());
    } else if (draw < 315) {
      var key = dice.key(Dice.TRUSTED);
      return new Frame(Kind.CACHE_SET, CacheModel.set(ascii(key), ascii(dice.value(key)), 0));
    } else if (draw < 320) {
      var key = dice.key(Dice.TRUSTED);
      int seconds = dice.between(1, MOST_SECONDS);
      return new Frame(
          Kind.CACHE_SET_TTL, CacheModel.set(ascii(key), ascii(dice.value(key)), seconds));
    } else if (draw < 380) {
      return new Frame(Kind.CACHE_JOIN, join());
    } else if (draw < 500) {
      return new Frame(Kind.CACHE_BINARY, binary());
    } else if (draw < 650) {
      return new Frame(Kind.CACHE_NUMBERS, numbers());
    } else if (draw < 850) {
      return inStep(Kind.CACHE_FLIPPED, () -> dice.flipped(any()));
    } else if (draw < 998) {
      return inStep(Kind.CACHE_SPLICED, () -> dice.spliced(any(), any()));
    }
    return new Frame(Kind.CACHE_DRIBBLED, get(), Frame.EVERYWHERE);
  }

  /** Mutants until one keeps the framing; else a frame that was not touched. */
  private Frame inStep(Kind kind, Supplier<byte[]> mutants) {
    for (int i = 0; i < ATTEMPTS; i++) {
      var bytes = mutants.get();
      if (CacheModel.rest(bytes) == Rest.NOTHING) {
        return new Frame(kind, bytes);
      }
    }
    return new Frame(Kind.CACHE_GET, get());
  }

  private List<Frame> split() {
    var frames = new ArrayList<Frame>();
    var key = dice.key(Dice.TRUSTED);
    var bytes =
        dice.one(3)
            ? CacheModel.set(ascii(key), ascii(dice.value(key)), 0)
            : dice.of(get(), join());
    for (int cut = 1; cut < bytes.length; cut++) {
      frames.add(new Frame(Kind.CACHE_SPLIT, bytes, cut));
    }
    return frames;
  }

  /** Mostly breaks the framing. */
  private List<Frame> ending() {
    var frames = new ArrayList<Frame>();
    switch (dice.upTo(6)) {
      case 0 -> {
        byte command = (byte) dice.between(4, 256);
        frames.add(new Frame(Kind.CACHE_COMMAND, new byte[] {dice.one(9) ? 0 : command}));
        for (int more = dice.upTo(4); more > 0; more--) {
          frames.add(whole());
        }
      }
      case 1 -> frames.add(new Frame(Kind.CACHE_LENGTH, length()));
      case 2 -> frames.add(new Frame(Kind.CACHE_RANDOM, dice.bytes(dice.between(1, 300))));
      case 3 -> frames.add(new Frame(Kind.CACHE_FLIPPED, dice.flipped(any())));
      case 4 -> frames.add(new Frame(Kind.CACHE_SPLICED, dice.spliced(any(), any())));
      default -> {
        if (dice.one(25)) {
          frames.add(new Frame(Kind.CACHE_OVERSIZED, oversized()));
        } else {
          frames.add(new Frame(Kind.CACHE_LENGTH, length()));
        }
      }
    }
    return frames;
  }

  private byte[] get() {
    return CacheModel.get(ascii(dice.key(Dice.TRUSTED)));
  }

  /** Addresses that are none: what could be one would change who is a member. */
  private byte[] join() {
    var address = dice.of("", "nobody", ":", "::1", "kelvin:port", "http://", "\0", "....", ":-:");
    return CacheModel.join(ascii(dice.of("", "n9", "x".repeat(dice.upTo(300)))), ascii(address));
  }

  /** Of the space that is mutated. Few of them write. */
  private byte[] any() {
    var key = ascii(dice.key(Dice.MUTATED));
    return switch (dice.upTo(12)) {
      case 0 -> CacheModel.set(key, dice.bytes(dice.upTo(40)), dice.upTo(MOST_SECONDS));
      case 1, 2, 3 -> join();
      default -> CacheModel.get(key);
    };
  }

  private byte[] binary() {
    var key = Dice.join(ascii(Dice.MUTATED), dice.bytes(dice.upTo(40)));
    return dice.one(20)
        ? CacheModel.set(key, dice.bytes(dice.upTo(200)), 0)
        : CacheModel.get(dice.one(2) ? key : dice.bytes(dice.upTo(60)));
  }

  private byte[] numbers() {
    var none = new byte[0];
    var key = ascii(dice.key(Dice.MUTATED));
    return switch (dice.upTo(6)) {
      case 0 -> CacheModel.get(none);
      case 1 -> CacheModel.set(none, dice.bytes(3), 0);
      case 2 -> dice.one(10) ? CacheModel.set(key, none, 0) : CacheModel.get(key);
      case 3 -> CacheModel.join(none, none);
      case 4 -> CacheModel.set(key, dice.bytes(3), dice.of(-1, Integer.MIN_VALUE, -dice.upTo(999)));
      default ->
          dice.one(10)
              ? CacheModel.set(key, dice.bytes(3), dice.of(1, Integer.MAX_VALUE, 1 << 30))
              : CacheModel.get(dice.bytes(dice.between(1, 3000)));
    };
  }

  /** A frame with one of its lengths replaced. */
  private byte[] length() {
    var bytes = any();
    var view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int first = view.getInt(1);
    int value =
        dice.of(
            dice.number(),
            CacheModel.MAX_SKIP,
            CacheModel.MAX_SKIP + 1,
            CacheModel.MAX_REQUEST_BYTES,
            CacheModel.MAX_REQUEST_BYTES + 1);
    boolean second = bytes[0] != CacheModel.GET && dice.one(2);
    view.putInt(second ? 1 + Integer.BYTES + first : 1, value);
    return bytes;
  }

  private byte[] oversized() {
    int size = CacheModel.MAX_REQUEST_BYTES + dice.of(1, 1000, 300_000);
    return dice.one(2)
        ? CacheModel.set(ascii(dice.key(Dice.MUTATED)), new byte[size], 0)
        : CacheModel.get(new byte[size]);
  }
}
