package dev.kelvin.store;

import com.google.protobuf.ByteString;

/**
 * What an entry's data carries: a header that says who asked, and the request as the client sent
 * it.
 *
 * <p>Bytes, big-endian: format version (1), kind (1), origin member (8), origin incarnation (8),
 * request number (8), length of the extension (2) and the extension itself (empty in version 1: the
 * room for user and auth revision), payload (the rest).
 *
 * @param version format of the header, from 1
 * @param origin member that took the request; it answers when it applies the entry
 * @param incarnation of that member's process: random per start, so that an answer never goes to an
 *     earlier life's request
 * @param request number of the request in that process
 * @param payload protobuf bytes of the request the kind names; a view of the entry's data
 */
public record Command(
    int version,
    CommandKind kind,
    long origin,
    long incarnation,
    long request,
    ByteString payload) {}
