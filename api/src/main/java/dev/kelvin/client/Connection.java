package dev.kelvin.client;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * gRPC over HTTP/2 (RFC 9113), one call at a time, on the caller's thread. A time-out or a broken
 * call leaves it unusable; then it is closed and another one opened.
 *
 * <p>All errors of transport are {@link NoAnswerException}s, ready to follow an endpoint's name.
 */
final class Connection implements AutoCloseable {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PUSH_PROMISE = 5;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int WINDOW_UPDATE = 8;
  private static final int CONTINUATION = 9;

  private static final int END_STREAM = 1;
  private static final int ACK = 1;
  private static final int END_HEADERS = 4;
  private static final int PADDED = 8;
  private static final int PRIORITY = 32;

  private static final int HEADER_TABLE_SIZE = 1;
  private static final int ENABLE_PUSH = 2;
  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final int MAX_FRAME_SIZE = 5;

  private static final int REFUSED_STREAM = 7;

  private static final int MESSAGE_HEADER = 5;
  private static final int STANDARD_WINDOW = 65_535;
  private static final int STANDARD_FRAME = 16_384;

  /** What a server may send before it is told to go on, bytes. */
  private static final int WINDOW = 4 << 20;

  /** A message larger than this is taken for garbage. */
  private static final int LARGEST_MESSAGE = 1 << 30;

  private static final int LONGEST_HEADERS = 1 << 20;

  private final Wire wire;
  private final Map<Integer, Integer> settings = new HashMap<>();
  private long sendWindow = STANDARD_WINDOW;
  private int taken;
  private boolean goingAway;
  private boolean heard;

  private int stream = -1;
  private long began;
  private boolean over = true;
  private boolean sent;
  private long streamWindow;
  private int streamTaken;
  private ServerException refusal;
  private boolean answering;
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private int expected = -1;
  private final ArrayDeque<byte[]> messages = new ArrayDeque<>();

  private Connection(Wire wire) {
    this.wire = wire;
  }

  /**
   * Connects, and waits for the first thing a server says: a process that hangs is found out before
   * anything was asked of it.
   *
   * @param limitNanos how long that may take
   */
  static Connection open(Endpoint endpoint, long limitNanos) throws NoAnswerException {
    long deadline = System.nanoTime() + limitNanos;
    Connection connection = null;
    try {
      connection = new Connection(Wire.connect(endpoint, deadline));
      connection.greet(deadline);
      return connection;
    } catch (IOException e) {
      if (connection != null) {
        connection.close();
      }
      throw new NoAnswerException(said(e, limitNanos), true, e);
    }
  }

  private void greet(long deadline) throws IOException {
    var hello =
        ByteBuffer.allocate(PREFACE.length + Wire.FRAME_HEADER + 18 + Wire.FRAME_HEADER + 4);
    hello.put(PREFACE);
    Wire.header(hello, 18, SETTINGS, 0, 0);
    hello.putShort((short) HEADER_TABLE_SIZE).putInt(0);
    hello.putShort((short) ENABLE_PUSH).putInt(0);
    hello.putShort((short) INITIAL_WINDOW_SIZE).putInt(WINDOW);
    Wire.header(hello, 4, WINDOW_UPDATE, 0, 0);
    hello.putInt(WINDOW - STANDARD_WINDOW);
    wire.write(hello.array());
    while (!heard) {
      frame(deadline);
    }
  }

  /** Whether another call may begin. */
  boolean usable() {
    return over && !goingAway && stream < Integer.MAX_VALUE - 2;
  }

  /**
   * Begins a call.
   *
   * @param timeoutMillis told to the server; 0 for none
   */
  void begin(Method<?, ?> method, String authority, long timeoutMillis) throws NoAnswerException {
    if (!usable()) {
      throw new IllegalStateException("a call is under way, or the connection ends");
    }
    var block = new ByteArrayOutputStream(256);
    block.write(Hpack.METHOD_POST);
    block.write(Hpack.SCHEME_HTTP);
    Hpack.write(block, Hpack.PATH, method.path());
    Hpack.write(block, Hpack.AUTHORITY, authority);
    Hpack.write(block, Hpack.CONTENT_TYPE, "application/grpc");
    Hpack.write(block, Hpack.USER_AGENT, "kelvin");
    Hpack.write(block, "te", "trailers");
    if (method.needsLeader()) {
      // A node that has lost its leader refuses such a call, so that it goes on elsewhere.
      Hpack.write(block, "hasleader", "true");
    }
    if (timeoutMillis > 0) {
      Hpack.write(block, "grpc-timeout", Math.min(timeoutMillis, 99_999_999) + "m");
    }
    stream += 2;
    began = System.nanoTime();
    over = false;
    sent = false;
    refusal = null;
    answering = false;
    expected = -1;
    received.reset();
    messages.clear();
    streamTaken = 0;
    streamWindow = settings.getOrDefault(INITIAL_WINDOW_SIZE, STANDARD_WINDOW);
    var frame = ByteBuffer.allocate(Wire.FRAME_HEADER + block.size());
    Wire.header(frame, block.size(), HEADERS, END_HEADERS, stream);
    frame.put(block.toByteArray());
    write(frame, true);
  }

  /**
   * Sends a message, as the server's windows allow.
   *
   * @param last of the call
   */
  void send(byte[] message, boolean last, long deadline) throws NoAnswerException {
    var all = ByteBuffer.allocate(MESSAGE_HEADER + message.length);
    all.put((byte) 0).putInt(message.length).put(message).flip();
    int largest = settings.getOrDefault(MAX_FRAME_SIZE, STANDARD_FRAME);
    while (all.hasRemaining() && !over) {
      int size =
          (int) Math.min(Math.min(all.remaining(), largest), Math.min(sendWindow, streamWindow));
      if (size <= 0) {
        read(deadline);
        continue;
      }
      boolean ends = last && size == all.remaining();
      var frame = ByteBuffer.allocate(Wire.FRAME_HEADER + size);
      Wire.header(frame, size, DATA, ends ? END_STREAM : 0, stream);
      frame.put(all.slice().limit(size));
      all.position(all.position() + size);
      sendWindow -= size;
      streamWindow -= size;
      // A server acts on whole messages only.
      boolean whole = !all.hasRemaining();
      sent |= whole;
      write(frame, !sent);
    }
  }

  /**
   * The call's next message.
   *
   * @return null when the server has ended the call with success
   * @throws ServerException when it has ended it otherwise
   */
  byte[] next(long deadline) throws NoAnswerException {
    while (messages.isEmpty() && !over) {
      read(deadline);
    }
    var message = messages.poll();
    if (message == null && refusal != null) {
      throw refusal;
    }
    return message;
  }

  /**
   * As {@link #next}, with pings while nothing comes.
   *
   * @param silentNanos after which the server is pinged
   * @param deadNanos after which, without an answer, it is given up
   */
  byte[] nextWhileAlive(long silentNanos, long deadNanos) throws NoAnswerException {
    while (messages.isEmpty() && !over) {
      if (!readWithin(silentNanos)) {
        var ping = ByteBuffer.allocate(Wire.FRAME_HEADER + 8);
        Wire.header(ping, 8, PING, 0, 0);
        write(ping, false);
        read(System.nanoTime() + deadNanos);
      }
    }
    return next(0);
  }

  private boolean readWithin(long limitNanos) throws NoAnswerException {
    try {
      frame(System.nanoTime() + limitNanos);
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      throw new NoAnswerException(said(e, 0), !sent, e);
    }
  }

  private void read(long deadline) throws NoAnswerException {
    try {
      frame(deadline);
    } catch (IOException e) {
      throw new NoAnswerException(said(e, deadline - began), !sent, e);
    }
  }

  private void write(ByteBuffer frame, boolean notCarriedOut) throws NoAnswerException {
    try {
      wire.write(frame.array());
    } catch (IOException e) {
      throw new NoAnswerException(said(e, 0), notCarriedOut, e);
    }
  }

  /** What an exception of the socket means. */
  private static String said(IOException e, long limitNanos) {
    return switch (e) {
      case SocketTimeoutException _ ->
          "timed out after " + Math.ceilDiv(limitNanos, TimeUnit.SECONDS.toNanos(1)) + " s";
      case UnknownHostException _ -> "is not known by that name";
      case NoRouteToHostException _ -> "cannot be reached";
      case ConnectException c when c.getMessage() != null && c.getMessage().contains("refused") ->
          "refused the connection";
      case EOFException _ -> "closed the connection";
      case NotHttp2Exception _ -> e.getMessage();
      case InterruptedIOException _ -> "was not waited for";
      default -> "broke the connection (" + e.getMessage() + ")";
    };
  }

  /** What answers is no port for clients. */
  private static final class NotHttp2Exception extends IOException {
    private static final long serialVersionUID = 1;

    NotHttp2Exception() {
      super("does not speak gRPC: is it a node's port for clients?");
    }
  }

  private void frame(long deadline) throws IOException {
    var frame = wire.read(STANDARD_FRAME, deadline);
    if (frame == null || !heard && (frame.type() != SETTINGS || frame.stream() != 0)) {
      throw new NotHttp2Exception();
    }
    try {
      handle(frame, deadline);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new IOException("protocol error", e);
    }
  }

  private void handle(Wire.Frame frame, long deadline) throws IOException {
    int id = frame.stream();
    var payload = frame.payload();
    int length = payload.remaining();
    switch (frame.type()) {
      case SETTINGS -> settings(payload, frame.has(ACK));
      case PING -> {
        if (!frame.has(ACK)) {
          var pong = ByteBuffer.allocate(Wire.FRAME_HEADER + length);
          Wire.header(pong, length, PING, ACK, 0);
          wire.write(pong.put(payload).array());
        }
      }
      case WINDOW_UPDATE -> {
        int more = payload.getInt() & Integer.MAX_VALUE;
        if (id == 0) {
          sendWindow += more;
        } else if (id == stream) {
          streamWindow += more;
        }
      }
      case GOAWAY -> {
        goingAway = true;
        int last = payload.getInt() & Integer.MAX_VALUE;
        if (!over && last < stream) {
          sent = false;
          throw new EOFException();
        }
      }
      case DATA -> data(unpadded(frame), length, id, frame.has(END_STREAM));
      case HEADERS -> headers(frame, deadline);
      case RST_STREAM -> {
        if (id == stream && !over) {
          if (payload.getInt() == REFUSED_STREAM) {
            sent = false;
          }
          throw new EOFException();
        }
      }
      case PUSH_PROMISE, CONTINUATION -> throw new IOException("protocol error");
      default -> {
        // To be ignored, whatever it is.
      }
    }
  }

  private void settings(ByteBuffer payload, boolean acknowledgement) throws IOException {
    if (acknowledgement) {
      return;
    }
    int before = settings.getOrDefault(INITIAL_WINDOW_SIZE, STANDARD_WINDOW);
    while (payload.remaining() >= 6) {
      settings.put((int) payload.getShort(), payload.getInt());
    }
    streamWindow += settings.getOrDefault(INITIAL_WINDOW_SIZE, STANDARD_WINDOW) - before;
    heard = true;
    var answer = ByteBuffer.allocate(Wire.FRAME_HEADER);
    Wire.header(answer, 0, SETTINGS, ACK, 0);
    wire.write(answer.array());
  }

  private static ByteBuffer unpadded(Wire.Frame frame) throws IOException {
    var payload = frame.payload();
    if (frame.has(PADDED)) {
      int padding = payload.get() & 0xff;
      if (padding > payload.remaining()) {
        throw new IOException("protocol error");
      }
      payload.limit(payload.limit() - padding);
    }
    return payload;
  }

  private void data(ByteBuffer payload, int length, int id, boolean ends) throws IOException {
    taken = acknowledge(taken + length, 0);
    if (id != stream || over) {
      return;
    }
    streamTaken = ends ? 0 : acknowledge(streamTaken + length, stream);
    while (payload.hasRemaining()) {
      if (expected < 0) {
        int more = Math.min(MESSAGE_HEADER - received.size(), payload.remaining());
        move(payload, more);
        if (received.size() == MESSAGE_HEADER) {
          var header = ByteBuffer.wrap(received.toByteArray());
          if (header.get() != 0) {
            throw new IOException("sent a compressed message, which was not asked for");
          }
          expected = header.getInt();
          if (expected < 0 || expected > LARGEST_MESSAGE) {
            throw new IOException("sent a message of " + Integer.toUnsignedString(expected) + " B");
          }
          received.reset();
        }
      }
      if (expected >= 0) {
        move(payload, Math.min(expected - received.size(), payload.remaining()));
        if (received.size() == expected) {
          messages.add(received.toByteArray());
          received.reset();
          expected = -1;
        }
      }
    }
    if (ends) {
      // gRPC's status is in trailers; without them nobody knows.
      throw new EOFException();
    }
  }

  private void move(ByteBuffer payload, int bytes) {
    write(payload.slice(payload.position(), bytes), received);
    payload.position(payload.position() + bytes);
  }

  private static void write(ByteBuffer from, ByteArrayOutputStream to) {
    to.write(from.array(), from.arrayOffset() + from.position(), from.remaining());
  }

  /** Half a window at a time. */
  private int acknowledge(int bytes, int id) throws IOException {
    if (bytes < WINDOW / 2) {
      return bytes;
    }
    var update = ByteBuffer.allocate(Wire.FRAME_HEADER + 4);
    Wire.header(update, 4, WINDOW_UPDATE, 0, id);
    wire.write(update.putInt(bytes).array());
    return 0;
  }

  private void headers(Wire.Frame first, long deadline) throws IOException {
    var payload = unpadded(first);
    if (first.has(PRIORITY)) {
      payload.position(payload.position() + 5);
    }
    var block = new ByteArrayOutputStream();
    write(payload, block);
    for (var frame = first; !frame.has(END_HEADERS); ) {
      frame = wire.read(STANDARD_FRAME, deadline);
      if (frame == null || frame.type() != CONTINUATION || block.size() > LONGEST_HEADERS) {
        throw new IOException("protocol error");
      }
      write(frame.payload(), block);
    }
    if (first.stream() != stream || over) {
      return;
    }
    var headers = Hpack.read(block.toByteArray());
    boolean ends = first.has(END_STREAM);
    var http = headers.getOrDefault(":status", "200");
    if (!answering && !http.equals("200") && !headers.containsKey("grpc-status")) {
      over = true;
      refusal =
          new ServerException(
              ServerException.UNKNOWN,
              "HTTP status " + http + ": is it a node's port for clients?");
    } else if (ends) {
      over = true;
      refusal = refusal(headers);
    }
    answering = true;
  }

  /** Null for success. */
  private static ServerException refusal(Map<String, String> trailers) {
    int code;
    try {
      code = Integer.parseInt(trailers.getOrDefault("grpc-status", "2"));
    } catch (NumberFormatException e) {
      code = ServerException.UNKNOWN;
    }
    return code == 0
        ? null
        : new ServerException(
            code, decoded(trailers.getOrDefault("grpc-message", "gRPC status " + code)));
  }

  /** Percent-encoded UTF-8. */
  static String decoded(String message) {
    var bytes = new ByteArrayOutputStream();
    var from = message.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < from.length; i++) {
      if (from[i] == '%' && i + 2 < from.length) {
        int high = Character.digit(from[i + 1], 16);
        int low = Character.digit(from[i + 2], 16);
        if (high >= 0 && low >= 0) {
          bytes.write(high << 4 | low);
          i += 2;
          continue;
        }
      }
      bytes.write(from[i]);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    wire.close();
  }
}
