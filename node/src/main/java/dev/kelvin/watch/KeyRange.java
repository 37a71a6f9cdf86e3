package dev.kelvin.watch;

import com.google.protobuf.ByteString;
import java.util.Comparator;

/**
 * What is watched.
 *
 * @param from first key
 * @param end first key that is not watched; empty for one key only; null for all from {@code from}
 */
record KeyRange(ByteString from, ByteString end) {
  static final Comparator<ByteString> ORDER = ByteString.unsignedLexicographicalComparator();

  private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

  /** As requests say it: no key is the first one, an end of one zero byte is none. */
  static KeyRange of(ByteString key, ByteString rangeEnd) {
    return new KeyRange(key.isEmpty() ? ZERO : key, rangeEnd.equals(ZERO) ? null : rangeEnd);
  }

  boolean single() {
    return end != null && end.isEmpty();
  }

  boolean empty() {
    return end != null && !end.isEmpty() && ORDER.compare(from, end) >= 0;
  }
}
