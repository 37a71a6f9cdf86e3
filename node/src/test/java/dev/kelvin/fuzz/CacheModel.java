package dev.kelvin.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What docs/protocols.md says of bytes sent to the cache door: how many answers there are, which,
 * and what becomes of the connection.
 */
final class CacheModel {
  /** Default of {@code --max-request-bytes}: of key and value together. */
  static final int MAX_REQUEST_BYTES = 3 << 19;

  /** A length beyond it cannot be meant. */
  static final int MAX_SKIP = 16 << 20;

  static final byte SET = 1;
  static final byte GET = 2;
  static final byte JOIN = 3;

  private static final int COMMAND = 1;
  private static final int LENGTH = Integer.BYTES;

  /** What a frame must be answered with. */
  enum Answer {
    /** It is as it should be: status OK. */
    DONE,
    /** Status OK and a value, or not found. */
    VALUE,
    /** Status error. */
    ERROR,
    /** Any status: whether it can be carried out does not follow from the frame. */
    STATUS
  }

  /**
   * One frame's.
   *
   * @param key of a GET of a trusted key, else null
   */
  record Expected(Answer answer, String key) {
    private static final Expected DONE = new Expected(Answer.DONE, null);
    private static final Expected ERROR = new Expected(Answer.ERROR, null);
    private static final Expected STATUS = new Expected(Answer.STATUS, null);
  }

  /** What there is after the last whole frame. */
  enum Rest {
    NOTHING,
    /** A beginning of a frame. */
    PARTIAL,
    /** Nothing that can be understood: one error more, and the connection is closed. */
    BROKEN
  }

  private final List<Expected> answers = new ArrayList<>();
  private final ByteBuffer in;
  private final Rest rest;

  CacheModel(byte[] bytes) {
    in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    rest = read();
  }

  List<Expected> answers() {
    return answers;
  }

  Rest rest() {
    return rest;
  }

  /** The rest after frames that are read alone. */
  static Rest rest(byte[] bytes) {
    return new CacheModel(bytes).rest();
  }

  private Rest read() {
    while (in.hasRemaining()) {
      int command = in.get();
      if (command != SET && command != GET && command != JOIN) {
        return broken();
      }
      if (in.remaining() < LENGTH) {
        return Rest.PARTIAL;
      }
      int first = in.getInt();
      if (first < 0 || first > MAX_SKIP) {
        return broken();
      }
      int firstAt = in.position();
      if (in.remaining() < first) {
        return Rest.PARTIAL;
      }
      in.position(firstAt + first);
      if (command == GET) {
        answers.add(get(firstAt, first));
        continue;
      }
      if (in.remaining() < LENGTH) {
        return Rest.PARTIAL;
      }
      int second = in.getInt();
      if (second < 0 || second > MAX_SKIP) {
        return broken();
      }
      int behind = command == SET ? LENGTH : 0;
      if (in.remaining() < second + behind) {
        return Rest.PARTIAL;
      }
      in.position(in.position() + second);
      boolean tooLong = first + (long) second > MAX_REQUEST_BYTES;
      if (command == JOIN) {
        answers.add(Expected.ERROR);
      } else {
        int seconds = in.getInt();
        answers.add(
            tooLong || seconds < 0 || first == 0
                ? Expected.ERROR
                : first + second < MAX_REQUEST_BYTES / 2 ? Expected.DONE : Expected.STATUS);
      }
    }
    return Rest.NOTHING;
  }

  private Rest broken() {
    answers.add(Expected.ERROR);
    return Rest.BROKEN;
  }

  private Expected get(int from, int length) {
    if (length == 0 || length > MAX_REQUEST_BYTES) {
      return Expected.ERROR;
    }
    if (length > MAX_REQUEST_BYTES / 2) {
      return Expected.STATUS;
    }
    var key = new String(in.array(), from, Math.min(length, 16), StandardCharsets.ISO_8859_1);
    return new Expected(Answer.VALUE, length < 16 && key.startsWith(Dice.TRUSTED) ? key : null);
  }

  static byte[] get(byte[] key) {
    return ByteBuffer.allocate(COMMAND + LENGTH + key.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(GET)
        .putInt(key.length)
        .put(key)
        .array();
  }

  static byte[] set(byte[] key, byte[] value, int seconds) {
    return ByteBuffer.allocate(COMMAND + 3 * LENGTH + key.length + value.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(SET)
        .putInt(key.length)
        .put(key)
        .putInt(value.length)
        .put(value)
        .putInt(seconds)
        .array();
  }

  static byte[] join(byte[] name, byte[] address) {
    return ByteBuffer.allocate(COMMAND + 2 * LENGTH + name.length + address.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(JOIN)
        .putInt(name.length)
        .put(name)
        .putInt(address.length)
        .put(address)
        .array();
  }
}
