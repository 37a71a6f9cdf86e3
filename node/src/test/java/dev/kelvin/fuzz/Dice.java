package dev.kelvin.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Draws, and mutations of bytes; the same ones for the same seed. */
final class Dice {
  /** Frames of these keys are sent as they were made. A value begins with its key and {@code =}. */
  static final String TRUSTED = "f/";

  /**
   * Frames of these keys are mutated; between the two lie more bits than {@link #flipped} flips.
   */
  static final String MUTATED = "YP";

  private static final int KEYS = 512;
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final SplittableRandom random;

  Dice(long seed, long index) {
    random = new SplittableRandom(seed * GOLDEN + index * 0xD1B54A32D192ED03L);
  }

  int upTo(int bound) {
    return random.nextInt(bound);
  }

  /** From {@code from} on, below {@code to}. */
  int between(int from, int to) {
    return random.nextInt(from, to);
  }

  /** One time in {@code count}. */
  boolean one(int count) {
    return random.nextInt(count) == 0;
  }

  boolean percent(int chance) {
    return random.nextInt(100) < chance;
  }

  @SafeVarargs
  final <T> T of(T... values) {
    return values[random.nextInt(values.length)];
  }

  int number() {
    return switch (upTo(4)) {
      case 0 -> of(0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, Integer.MIN_VALUE + 1);
      case 1 -> 1 << upTo(32);
      case 2 -> between(-300, 300);
      default -> random.nextInt();
    };
  }

  byte[] bytes(int length) {
    var bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  String key(String space) {
    return space + upTo(KEYS);
  }

  /** What a SET of a trusted key writes: whoever reads it sees that it belongs there. */
  String value(String key) {
    return key + "=" + Long.toHexString(random.nextLong()) + "v".repeat(upTo(60));
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  byte[] flipped(byte[] bytes) {
    var copy = bytes.clone();
    for (int flips = of(1, 1, 1, 2, 2, 8); flips > 0; flips--) {
      copy[upTo(copy.length)] ^= (byte) (1 << upTo(8));
    }
    return copy;
  }

  /** At least a byte, and not all. */
  byte[] truncated(byte[] bytes) {
    return Arrays.copyOf(bytes, between(1, bytes.length));
  }

  /** The beginning of one and the end of the other. */
  byte[] spliced(byte[] first, byte[] second) {
    int from = upTo(second.length);
    return join(truncated(first), Arrays.copyOfRange(second, from, second.length));
  }

  static byte[] join(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    for (var part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
