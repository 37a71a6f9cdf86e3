package dev.kelvin.differential;

import com.google.protobuf.ByteString;
import java.util.Random;

/** Values from small alphabets, so that they meet. */
final class Draw {
  private static final ByteString[] KEYS = {
    text("a"),
    text("b"),
    text("c"),
    text("d"),
    text("a/1"),
    text("a/2"),
    text("ab"),
    text("b\0"),
    ByteString.copyFrom(new byte[] {(byte) 0xff})
  };

  private static final ByteString[] ENDS = {
    text("a"),
    text("a0"),
    text("b"),
    text("b\0"),
    text("c"),
    text("e"),
    text("z"),
    Requests.ENDLESS,
    Requests.ENDLESS
  };

  private static final ByteString[] VALUES = {
    text(""), text("0"), text("1"), text("x"), text("xx"), text("y")
  };

  private final Random random;

  Draw(long seed) {
    random = new Random(seed);
  }

  private static ByteString text(String text) {
    return ByteString.copyFromUtf8(text);
  }

  /** One time in {@code count}. */
  boolean one(int count) {
    return random.nextInt(count) == 0;
  }

  int upTo(int bound) {
    return random.nextInt(bound);
  }

  @SafeVarargs
  final <T> T of(T... values) {
    return values[random.nextInt(values.length)];
  }

  /** Sometimes none. */
  ByteString key() {
    return one(60) ? ByteString.EMPTY : one(30) ? Requests.ENDLESS : of(KEYS);
  }

  /** End of a range; mostly none. */
  ByteString end() {
    return one(2) ? ByteString.EMPTY : of(ENDS);
  }

  ByteString value() {
    return of(VALUES);
  }

  ByteString bytes(int count) {
    return text(of("x", "y").repeat(count));
  }

  long lease() {
    return of(1L, 1L, 1L, 1L, 2L, 2L, 2L, 3L, 4L, -5L, 77L, 0L, Symbols.LEASE, Symbols.LEASE + 1);
  }

  /** Near the current revision, near the last compaction, or out of bounds. */
  long revision() {
    return one(12)
        ? of(0L, 1L, 2L, -1L, -2L, Long.MAX_VALUE, Long.MIN_VALUE)
        : one(4)
            ? Symbols.COMPACTED + of(-1L, 0L, 0L, 1L, 2L)
            : Symbols.NOW + of(0L, 0L, -1L, -2L, -3L, -5L, -9L, -20L, 1L, 3L);
  }
}
