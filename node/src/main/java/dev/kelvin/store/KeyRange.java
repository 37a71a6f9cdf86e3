package dev.kelvin.store;

import com.google.protobuf.ByteString;
import java.util.Arrays;

/**
 * Keys that a request names.
 *
 * @param from first key
 * @param end first key no longer in; null: no end
 */
record KeyRange(byte[] from, byte[] end) {
  /**
   * Reads the API's pair: an empty end names the one key, a zero byte all keys from the first on; a
   * first key of one zero byte is the lowest there is.
   */
  static KeyRange of(ByteString key, ByteString rangeEnd) {
    var from = key.toByteArray();
    if (rangeEnd.isEmpty()) {
      return new KeyRange(from, Arrays.copyOf(from, from.length + 1));
    }
    boolean open = rangeEnd.size() == 1 && rangeEnd.byteAt(0) == 0;
    return new KeyRange(from, open ? null : rangeEnd.toByteArray());
  }

  static boolean single(ByteString rangeEnd) {
    return rangeEnd.isEmpty();
  }

  /** Whether a key at or after {@link #from} is in. */
  boolean before(byte[] key) {
    return end == null || Arrays.compareUnsigned(key, end) < 0;
  }

  boolean isEmpty() {
    return end != null && Arrays.compareUnsigned(from, end) >= 0;
  }
}
