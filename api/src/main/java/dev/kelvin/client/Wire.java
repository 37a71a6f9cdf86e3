package dev.kelvin.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/** HTTP/2's frames on a socket, as bytes. Reading one that is not there in time can be repeated. */
final class Wire implements AutoCloseable {
  static final int FRAME_HEADER = 9;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final byte[] buffer = new byte[1 << 16];
  private int start;
  private int end;

  /** A frame; its payload is good until the next is read. */
  record Frame(int type, int flags, int stream, ByteBuffer payload) {
    boolean has(int flag) {
      return (flags & flag) != 0;
    }
  }

  private Wire(Socket socket) throws IOException {
    this.socket = socket;
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  /** To the first of the name's addresses that accepts. */
  static Wire connect(Endpoint endpoint, long deadline) throws IOException {
    IOException failure = new UnknownHostException(endpoint.host());
    for (var address : InetAddress.getAllByName(endpoint.host())) {
      var socket = new Socket();
      try {
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(address, endpoint.port()), millisUntil(deadline));
        return new Wire(socket);
      } catch (IOException e) {
        socket.close();
        failure = e;
      }
    }
    throw failure;
  }

  /**
   * Reads a frame.
   *
   * @param longest payload; null is returned for a longer one, of which nothing is read
   */
  Frame read(int longest, long deadline) throws IOException {
    fill(FRAME_HEADER, deadline);
    var header = ByteBuffer.wrap(buffer, start, FRAME_HEADER);
    int first = header.getInt();
    int length = first >>> 8;
    if (length > longest) {
      return null;
    }
    int flags = header.get();
    int stream = header.getInt() & Integer.MAX_VALUE;
    fill(FRAME_HEADER + length, deadline);
    var payload = ByteBuffer.wrap(buffer, start + FRAME_HEADER, length).slice();
    start += FRAME_HEADER + length;
    return new Frame(first & 0xff, flags, stream, payload);
  }

  /** Has the next {@code count} bytes in the buffer. */
  private void fill(int count, long deadline) throws IOException {
    while (end - start < count) {
      if (start + count > buffer.length || start == end) {
        System.arraycopy(buffer, start, buffer, 0, end - start);
        end -= start;
        start = 0;
      }
      socket.setSoTimeout(millisUntil(deadline));
      int more = in.read(buffer, end, buffer.length - end);
      if (more < 0) {
        throw new EOFException();
      }
      end += more;
    }
  }

  private static int millisUntil(long deadline) throws SocketTimeoutException {
    long nanos = deadline - System.nanoTime();
    if (nanos <= 0) {
      throw new SocketTimeoutException();
    }
    return (int) Math.min(Integer.MAX_VALUE, 1 + TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  static void header(ByteBuffer to, int length, int type, int flags, int stream) {
    to.putInt(length << 8 | type).put((byte) flags).putInt(stream);
  }

  /** All of an array's bytes. */
  void write(byte[] frames) throws IOException {
    out.write(frames);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // It is of no further use either way.
      start = end;
    }
  }
}
