package dev.kelvin.api.cache;

import io.netty.buffer.ByteBuf;

/**
 * One connection's protocol: finds requests in what came. On the connection's event loop, like all
 * that hangs on a connection.
 */
interface Frames {
  /**
   * Takes the next request out of the bytes that have come.
   *
   * @param in read up to the end of the request; of a request that is to be skipped as far as it
   *     has come; not at all of one that is kept but not whole yet
   * @return null when there is no whole one
   */
  Operation next(ByteBuf in);

  /** Whether the bytes taken last are the beginning of a request that is not whole. */
  boolean within();

  /** The connection is gone: gives back what is held. */
  void close();
}
