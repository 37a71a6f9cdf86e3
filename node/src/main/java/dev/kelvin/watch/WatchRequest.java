package dev.kelvin.watch;

import com.google.protobuf.ByteString;

/**
 * What a client asks to be told.
 *
 * @param watch ID it wants; 0 for any that is free
 * @param key empty for the first of all
 * @param rangeEnd empty for one key, a zero byte for all keys from {@code key}
 * @param start first revision; 0 for what comes
 * @param fragment whether events of one revision may come in several parts
 */
public record WatchRequest(
    long watch,
    ByteString key,
    ByteString rangeEnd,
    long start,
    boolean noPut,
    boolean noDelete,
    boolean previous,
    boolean progress,
    boolean fragment) {}
