package dev.kelvin.bench;

import dev.kelvin.proto.etcdserverpb.KVGrpc;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The KV methods with byte arrays for messages, so that a call costs no protobuf object. */
final class Wire {
  static final MethodDescriptor<byte[], byte[]> PUT =
      bytes(KVGrpc.getPutMethod().getFullMethodName());
  static final MethodDescriptor<byte[], byte[]> RANGE =
      bytes(KVGrpc.getRangeMethod().getFullMethodName());
  static final MethodDescriptor<byte[], byte[]> TXN =
      bytes(KVGrpc.getTxnMethod().getFullMethodName());

  private Wire() {}

  private static MethodDescriptor<byte[], byte[]> bytes(String name) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(name)
        .setRequestMarshaller(ByteArrays.INSTANCE)
        .setResponseMarshaller(ByteArrays.INSTANCE)
        .build();
  }

  private enum ByteArrays implements MethodDescriptor.Marshaller<byte[]> {
    INSTANCE;

    @Override
    public InputStream stream(byte[] message) {
      return new ByteArrayInputStream(message);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        var message = new byte[stream.available()];
        int read = stream.readNBytes(message, 0, message.length);
        if (read != message.length) {
          throw new IllegalStateException("message cut short at " + read + " bytes");
        }
        return message;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
