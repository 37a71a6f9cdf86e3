package dev.kelvin.api.cache;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import dev.kelvin.api.Requests;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The binary cache protocol (docs/protocols.md), all numbers little-endian:
 *
 * <pre>
 * SET  1 [length 4][key][length 4][value][TTL 4]
 * GET  2 [length 4][key]
 * JOIN 3 [length 4][name][length 4][peer address]
 * </pre>
 *
 * Lengths are looked at before anything is kept. A frame that is too long, or for which there is no
 * room, is skipped and answered with an error; after a length that cannot be meant, or an unknown
 * command, nothing can be understood any more.
 */
final class CacheFrames implements Frames {
  private static final int SET = 1;
  private static final int GET = 2;
  private static final int JOIN = 3;

  /** A length beyond it, or beyond twice what is allowed, is taken for nonsense. */
  static final int MAX_SKIP = 16 << 20;

  /** What a frame that is not whole may take without being counted. */
  private static final int FREE = 4096;

  private static final int COMMAND = 1;
  private static final int LENGTH = 4;

  private static final int KEY_TAG = PutRequest.KEY_FIELD_NUMBER << 3 | 2;
  private static final int VALUE_TAG = PutRequest.VALUE_FIELD_NUMBER << 3 | 2;

  private final Connection connection;
  private final Requests requests;
  private final Joins joins;
  private final int maxBytes;
  private final int maxSkip;

  /** Bytes taken for the frame that is not whole. */
  private int reserved;

  /** A frame is being skipped: so many bytes more, */
  private boolean skipping;

  private long skip;

  /** then a field with its length, if this is not negative, and so many bytes behind it. */
  private int skipField = -1;

  CacheFrames(Connection connection, Requests requests, Joins joins) {
    this.connection = connection;
    this.requests = requests;
    this.joins = joins;
    maxBytes = requests.limits().maxRequestBytes();
    maxSkip = (int) Math.min(Integer.MAX_VALUE, Math.max(MAX_SKIP, 2L * maxBytes));
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
      if (skipping) {
        return skipped(in);
      }
      int start = in.readerIndex();
      int there = in.readableBytes();
      if (there == 0) {
        return null;
      }
      int command = in.getByte(start);
      if (command != SET && command != GET && command != JOIN) {
        return lost();
      }
      if (there < COMMAND + LENGTH) {
        return null;
      }
      int first = in.getIntLE(start + COMMAND);
      if (first < 0 || first > maxSkip) {
        return lost();
      }
      int head = COMMAND + LENGTH;
      int tail = command == SET ? LENGTH : 0;
      if (first > maxBytes) {
        skip(in, head, first, command == GET ? -1 : tail);
        continue;
      }
      if (command == GET) {
        if (there >= head + first) {
          return get(in, first);
        }
        if (reserve(head + first)) {
          return null;
        }
        skip(in, head, first, -1);
        continue;
      }
      int second = head + first;
      if (there < second + LENGTH) {
        if (reserve(second + LENGTH)) {
          return null;
        }
        skip(in, head, first, tail);
        continue;
      }
      int length = in.getIntLE(start + second);
      if (length < 0 || length > maxSkip) {
        return lost();
      }
      second += LENGTH;
      if (first + (long) length > maxBytes) {
        skip(in, second, length + (long) tail, -1);
        continue;
      }
      int whole = second + length + tail;
      if (there >= whole) {
        return command == SET ? set(in, first, length) : join(in, first, length);
      }
      if (reserve(whole)) {
        return null;
      }
      skip(in, second, length + (long) tail, -1);
    }
  }

  /** Takes room for a frame that is to become so long; false if there is none. */
  private boolean reserve(int bytes) {
    if (bytes <= FREE || bytes <= reserved) {
      return true;
    }
    if (!connection.budget().take(bytes - reserved)) {
      return false;
    }
    reserved = bytes;
    return true;
  }

  private void giveBack() {
    connection.budget().giveBack(reserved);
    reserved = 0;
  }

  private void skip(ByteBuf in, int now, long then, int field) {
    giveBack();
    in.skipBytes(now);
    skipping = true;
    skip = then;
    skipField = field;
  }

  /** Goes on skipping; the answer, or null when there is more to come. */
  private Operation skipped(ByteBuf in) {
    while (true) {
      int now = (int) Math.min(skip, in.readableBytes());
      in.skipBytes(now);
      skip -= now;
      if (skip > 0) {
        return null;
      }
      if (skipField < 0) {
        skipping = false;
        return new CacheOperation.Refused(connection, false);
      }
      if (in.readableBytes() < LENGTH) {
        return null;
      }
      int length = in.readIntLE();
      if (length < 0 || length > maxSkip) {
        return lost();
      }
      skip = length + (long) skipField;
      skipField = -1;
    }
  }

  private Operation lost() {
    return new CacheOperation.Refused(connection, true);
  }

  /**
   * Takes the room that a request needs until it is answered.
   *
   * @return bytes; -1 if there is none
   */
  private int hold(int bytes) {
    giveBack();
    int held = bytes + Operation.OVERHEAD;
    return connection.budget().take(held) ? held : -1;
  }

  private Operation get(ByteBuf in, int length) {
    int size = COMMAND + LENGTH + length;
    int held = hold(size);
    if (held < 0) {
      in.skipBytes(size);
      return new CacheOperation.Refused(connection, false);
    }
    in.skipBytes(COMMAND + LENGTH);
    return new CacheOperation.Get(connection, requests, bytes(in, length), size, held);
  }

  private static ByteString bytes(ByteBuf in, int length) {
    var bytes = new byte[length];
    in.readBytes(bytes);
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  private Operation set(ByteBuf in, int keyLength, int valueLength) {
    int size = COMMAND + LENGTH + keyLength + LENGTH + valueLength + LENGTH;
    int held = hold(size);
    if (held < 0) {
      in.skipBytes(size);
      return new CacheOperation.Refused(connection, false);
    }
    in.skipBytes(COMMAND);
    var payload = new byte[field(keyLength) + field(valueLength)];
    in.skipBytes(LENGTH);
    int at = copy(in, KEY_TAG, keyLength, payload, 0);
    var key = UnsafeByteOperations.unsafeWrap(payload, at - keyLength, keyLength);
    in.skipBytes(LENGTH);
    at = copy(in, VALUE_TAG, valueLength, payload, at);
    var value = UnsafeByteOperations.unsafeWrap(payload, at - valueLength, valueLength);
    int seconds = in.readIntLE();
    var put = PutRequest.newBuilder().setKey(key).setValue(value).build();
    return new CacheOperation.Set(connection, requests, put, payload, seconds, size, held);
  }

  /** Size of a field of a put: of an empty one there is nothing. */
  private static int field(int length) {
    return length == 0 ? 0 : 1 + CodedOutputStream.computeUInt32SizeNoTag(length) + length;
  }

  /** Writes a field of a put, as protobuf has it; returns where it ends. */
  private static int copy(ByteBuf in, int tag, int length, byte[] to, int at) {
    if (length == 0) {
      return at;
    }
    int head = field(length) - length;
    var out = CodedOutputStream.newInstance(to, at, head);
    try {
      out.writeUInt32NoTag(tag);
      out.writeUInt32NoTag(length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    in.readBytes(to, at + head, length);
    return at + head + length;
  }

  private Operation join(ByteBuf in, int nameLength, int addressLength) {
    int size = COMMAND + LENGTH + nameLength + LENGTH + addressLength;
    int held = hold(size);
    if (held < 0) {
      in.skipBytes(size);
      return new CacheOperation.Refused(connection, false);
    }
    in.skipBytes(COMMAND + LENGTH);
    var name = in.readCharSequence(nameLength, StandardCharsets.UTF_8).toString();
    in.skipBytes(LENGTH);
    var address = in.readCharSequence(addressLength, StandardCharsets.UTF_8).toString();
    return new Join(connection, joins, name, address, size, held);
  }
}
