package dev.kelvin.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * A put of a key that is to live for a time: the put, and the grant of a lease that is the key's
 * own, in one entry. The lease goes when the key is put or deleted, by whomever. It may be granted
 * for less than an election takes, as nobody is expected to renew it.
 *
 * <p>Bytes: seconds (8, big-endian), then the put's.
 *
 * @param seconds from 1
 * @param put its lease is the ID of the new one, chosen by the door; value and lease must not be
 *     ignored, and the previous value is not told
 */
public record TimedPut(long seconds, PutRequest put) {
  private static final int HEADER = 8;

  public byte[] encode() {
    int size = put.getSerializedSize();
    var bytes = ByteBuffer.allocate(HEADER + size).putLong(seconds).array();
    var out = CodedOutputStream.newInstance(bytes, HEADER, size);
    try {
      put.writeTo(out);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes;
  }

  /** Key and value are views of the payload. */
  static TimedPut decode(ByteString payload) throws InvalidProtocolBufferException {
    if (payload.size() < HEADER) {
      throw new InvalidProtocolBufferException("shorter than its header");
    }
    var bytes = payload.substring(HEADER).newCodedInput();
    bytes.enableAliasing(true);
    var put = PutRequest.parser().parseFrom(bytes);
    bytes.checkLastTagWas(0);
    return new TimedPut(payload.asReadOnlyByteBuffer().getLong(), put);
  }

  boolean valid() {
    return seconds > 0 && put.getLease() != 0 && !put.getIgnoreLease() && !put.getIgnoreValue();
  }
}
