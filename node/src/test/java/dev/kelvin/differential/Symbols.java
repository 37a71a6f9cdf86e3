package dev.kelvin.differential;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import java.util.function.LongUnaryOperator;
import java.util.regex.Pattern;

/**
 * Numbers that stand for what is known only while a program runs: revisions near the current one or
 * the last compaction, leases and members whose IDs a server chose. They lie where no program has
 * numbers of its own, so that a request with them is still a plain message, to be simplified,
 * printed and run again after others.
 */
final class Symbols {
  private static final int REACH = 10_000;

  /** Current revision. */
  static final long NOW = 1L << 40;

  /** Revision of the last compaction; 0 before the first. */
  static final long COMPACTED = 1L << 41;

  /** Leases whose ID the server chose, in the order of their grants. */
  static final long LEASE = 1L << 42;

  /** The only member of the server's cluster. */
  static final long MEMBER = 1L << 43;

  /** Members added, the newest first. */
  static final long ADDED = 1L << 44;

  /** Values longer than this are printed as a length. */
  private static final int LONG_VALUE = 200;

  private static final Pattern NUMBER = Pattern.compile("\\d{13,14}");

  private Symbols() {}

  static boolean near(long value, long symbol) {
    return Math.abs(value - symbol) < REACH;
  }

  /** The message with every number replaced by what it stands for. */
  static Message resolve(Message message, LongUnaryOperator meaning) {
    var builder = message.toBuilder();
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              if (field.isRepeated()) {
                for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
                  builder.setRepeatedField(
                      field, i, resolve(field, message.getRepeatedField(field, i), meaning));
                }
              } else {
                builder.setField(field, resolve(field, value, meaning));
              }
            });
    return builder.build();
  }

  private static Object resolve(FieldDescriptor field, Object value, LongUnaryOperator meaning) {
    return switch (field.getJavaType()) {
      case LONG -> meaning.applyAsLong((Long) value);
      case MESSAGE -> resolve((Message) value, meaning);
      default -> value;
    };
  }

  /** A message on one line, with words for numbers that stand for something. */
  static String print(Message message) {
    var text =
        TextFormat.printer().emittingSingleLine(true).printToString(shorten(message)).strip();
    return NUMBER.matcher(text).replaceAll(number -> word(Long.parseLong(number.group())));
  }

  /** Word for a number that stands for something; else its digits. */
  static String word(long value) {
    if (near(value, NOW)) {
      return "now" + offset(value - NOW);
    } else if (near(value, COMPACTED)) {
      return "compacted" + offset(value - COMPACTED);
    } else if (near(value, LEASE)) {
      return "lease#" + (value - LEASE);
    } else if (near(value, MEMBER)) {
      return "member";
    } else if (near(value, ADDED)) {
      return "added#" + (value - ADDED);
    }
    return Long.toString(value);
  }

  private static String offset(long by) {
    return by == 0 ? "" : "%+d".formatted(by);
  }

  private static Message shorten(Message message) {
    var builder = message.toBuilder();
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              if (field.isRepeated()) {
                for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
                  builder.setRepeatedField(field, i, shorten(message.getRepeatedField(field, i)));
                }
              } else {
                builder.setField(field, shorten(value));
              }
            });
    return builder.build();
  }

  private static Object shorten(Object value) {
    if (value instanceof Message message) {
      return shorten(message);
    }
    return value instanceof ByteString bytes && bytes.size() > LONG_VALUE
        ? ByteString.copyFromUtf8(
            "(%d bytes: %s...)".formatted(bytes.size(), bytes.substring(0, 4).toStringUtf8()))
        : value;
  }
}
