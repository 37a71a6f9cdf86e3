package dev.kelvin.api.cache;

import dev.kelvin.api.ApiError;
import dev.kelvin.api.Requests;
import dev.kelvin.member.Node;
import io.netty.buffer.ByteBuf;

/**
 * JSON, one object a line (docs/protocols.md). A line that is too long, or for which there is no
 * room, is answered with an error and skipped to its end.
 */
final class JsonLines implements Frames {
  /** Beside the value, and what its characters take when they are escaped. */
  private static final int ROOM = 64 << 10;

  /** What a line that is not whole may take without being counted. */
  private static final int FREE = 4096;

  private final Connection connection;
  private final Node node;
  private final Requests requests;
  private final int maxLine;

  /** Bytes taken for the line that is not whole. */
  private int reserved;

  /** Bytes of it that have been searched for its end. */
  private int searched;

  private boolean skipping;

  JsonLines(Connection connection, Node node, Requests requests) {
    this.connection = connection;
    this.node = node;
    this.requests = requests;
    maxLine = maxLine(requests.limits().maxRequestBytes());
  }

  /** Bytes of a line at most. */
  static int maxLine(int maxRequestBytes) {
    return 2 * maxRequestBytes + ROOM;
  }

  @Override
  public boolean within() {
    return skipping;
  }

  @Override
  public void close() {
    giveBack();
  }

  @Override
  public Operation next(ByteBuf in) {
    while (true) {
      int end = in.indexOf(in.readerIndex() + searched, in.writerIndex(), (byte) '\n');
      if (end < 0) {
        return more(in);
      }
      int length = end - in.readerIndex();
      searched = 0;
      giveBack();
      if (skipping) {
        skipping = false;
        in.skipBytes(length + 1);
      } else if (length > maxLine) {
        in.skipBytes(length + 1);
        return tooLong();
      } else if (blank(in, length)) {
        in.skipBytes(length + 1);
      } else {
        return line(in, length);
      }
    }
  }

  /** Keeps the beginning of a line, if it may become whole. */
  private Operation more(ByteBuf in) {
    int there = in.readableBytes();
    if (skipping) {
      in.skipBytes(there);
      return null;
    }
    searched = there;
    if (there > maxLine) {
      skipTheRest(in);
      return tooLong();
    }
    if (!reserve(there)) {
      skipTheRest(in);
      return noRoom();
    }
    return null;
  }

  private void skipTheRest(ByteBuf in) {
    giveBack();
    in.skipBytes(in.readableBytes());
    searched = 0;
    skipping = true;
  }

  /** In steps that double, as nobody knows how long the line will be. */
  private boolean reserve(int bytes) {
    if (bytes <= FREE || bytes <= reserved) {
      return true;
    }
    int wanted = (int) Math.min(maxLine, 2L * bytes);
    if (!connection.budget().take(wanted - reserved)) {
      return false;
    }
    reserved = wanted;
    return true;
  }

  private void giveBack() {
    connection.budget().giveBack(reserved);
    reserved = 0;
  }

  private static boolean blank(ByteBuf in, int length) {
    return in.forEachByte(in.readerIndex(), length, b -> b == ' ' || b == '\t' || b == '\r') < 0;
  }

  private Operation line(ByteBuf in, int length) {
    int held = 2 * length + Operation.OVERHEAD;
    if (!connection.budget().take(held)) {
      in.skipBytes(length + 1);
      return noRoom();
    }
    var line = in.nioBuffer(in.readerIndex(), length);
    in.skipBytes(length + 1);
    try {
      var request = JsonRequest.parse(line);
      return new JsonCall(connection, node, requests, request, length, held);
    } catch (JsonRequest.Malformed e) {
      return new JsonOperation.Refused(
          connection, e.id(), "invalid_argument", e.getMessage(), held);
    }
  }

  private Operation tooLong() {
    return new JsonOperation.Refused(
        connection, null, "invalid_argument", "the line has more than " + maxLine + " bytes", 0);
  }

  private Operation noRoom() {
    return new JsonOperation.Refused(
        connection, null, "resource_exhausted", ApiError.TOO_MANY_REQUESTS.text(), 0);
  }
}
