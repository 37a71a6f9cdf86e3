package dev.kelvin.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Answers of the HTTP door: one to each request that keeps the framing, in order, each of them
 * whole, none of them a server's fault. To a last frame that may end the connection there is any
 * number of answers; if it does, those before it may be lost.
 */
final class HttpConversation implements Conversation {
  private static final int LARGEST_HEAD = 16 << 10;
  private static final Pattern STATUS_LINE = Pattern.compile("\\S+ ([1-5][0-9][0-9]) .*\r\n");
  private static final byte[] NO_PROBE = {};

  private final List<Frame> frames;
  private final End end;
  private final byte[] probe;
  private final int due;
  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
  private int answers;
  private int refused;
  private boolean opaque;

  HttpConversation(Session session) {
    var all = new ArrayList<>(session.frames());
    boolean whole = all.isEmpty() || HttpFrames.goesOn(all.getLast().kind());
    end = whole ? End.PROBE : End.OPEN;
    if (whole) {
      var last = HttpFrames.request("GET", "/livez", "X-Mark: " + session.mark() + "\r\n");
      all.add(new Frame(Kind.HTTP_HEALTH, last));
      probe = last;
      due = all.size();
    } else {
      probe = NO_PROBE;
      due = all.size() - 1;
    }
    frames = all;
  }

  @Override
  public End end() {
    return end;
  }

  @Override
  public byte[] probe() {
    return probe;
  }

  @Override
  public boolean complete() {
    return answers >= due;
  }

  @Override
  public int refused() {
    return refused;
  }

  @Override
  public String progress() {
    return answers + " answers of " + due;
  }

  @Override
  public void feed(byte[] bytes, int length) throws Wrong {
    if (opaque) {
      return;
    }
    byte[] all = bytes;
    int size = length;
    if (pending.size() > 0) {
      pending.write(bytes, 0, length);
      all = pending.toByteArray();
      size = all.length;
      pending.reset();
    }
    int at = 0;
    while (at < size && !opaque) {
      int next = answer(all, at, size);
      if (next < 0) {
        break;
      }
      at = next;
    }
    if (!opaque) {
      pending.write(all, at, size - at);
    }
  }

  /** The place behind the answer that begins at {@code from}; -1 where it is not whole. */
  private int answer(byte[] all, int from, int size) throws Wrong {
    var kind = answers < frames.size() ? frames.get(answers).kind() : null;
    if (complete() && last() == Kind.HTTP_UPGRADE && all[from] != 'H') {
      // Frames of HTTP/2.
      opaque = true;
      return size;
    }
    int body = endOfHead(all, from, size);
    if (body < 0) {
      if (size - from > LARGEST_HEAD) {
        throw new Wrong("an answer's head does not end: " + text(all, from, from + 200));
      }
      return -1;
    }
    var head = text(all, from, body);
    // The version is the request's, whatever that was.
    var line = STATUS_LINE.matcher(head);
    if (!line.lookingAt() || !complete() && !head.startsWith("HTTP/1.1 ")) {
      throw new Wrong("no answer of HTTP: " + head.substring(0, Math.min(200, head.length())));
    }
    int status = Integer.parseInt(line.group(1));
    if (status < 200) {
      opaque = status == 101;
      return body;
    }
    int next =
        status == 204 || status == 304 || kind == Kind.HTTP_HEAD
            ? body
            : body(head, all, body, size);
    if (next < 0) {
      return -1;
    }
    judge(answers < frames.size() ? frames.get(answers) : null, status, all, body, next);
    refused += status == 503 || status == 429 ? 1 : 0;
    boolean leaves = header(head, "connection").equals("close");
    answers++;
    if (leaves && answers < due) {
      throw new Wrong(
          "the door closes after answer %d, %s of %s"
              .formatted(answers, line.group().strip(), kind));
    }
    return next;
  }

  private Kind last() {
    return frames.getLast().kind();
  }

  private static void judge(Frame frame, int status, byte[] all, int from, int to) throws Wrong {
    var kind = frame == null ? null : frame.kind();
    boolean fine =
        switch (kind) {
          case HTTP_GET, HTTP_SPLIT, HTTP_DRIBBLED, HTTP_HEAD -> status == 200 || status == 404;
          case HTTP_PUT, HTTP_CHUNKED, HTTP_HEALTH -> status == 200;
          case HTTP_DELETE -> status == 200 || status == 404;
          case null, default -> status != 500 && status != 502 && status != 504;
        };
    // No leader for a while, or too much under way: said so, and nobody's fault.
    if (!fine && status != 503 && status != 429) {
      throw new Wrong(
          "%s is answered with %d: %s"
              .formatted(kind, status, text(all, from, Math.min(to, from + 500))));
    }
    if (kind == Kind.HTTP_GET && status == 200) {
      var line = text(frame.bytes(), 0, Math.min(40, frame.bytes().length));
      var key = line.substring(line.indexOf(Dice.TRUSTED), line.indexOf(" HTTP"));
      var value = text(all, from, Math.min(to, from + 16));
      if (!value.startsWith(key + "=")) {
        throw new Wrong(
            "a GET of %s is answered with a value of another: %s".formatted(key, value));
      }
    }
  }

  private static int endOfHead(byte[] all, int from, int size) {
    for (int i = from; i + 3 < size; i++) {
      if (all[i] == '\r' && all[i + 1] == '\n' && all[i + 2] == '\r' && all[i + 3] == '\n') {
        return i + 4;
      }
    }
    return -1;
  }

  /** The place behind the body; -1 where it is not whole. */
  private static int body(String head, byte[] all, int from, int size) throws Wrong {
    var length = header(head, "content-length");
    if (!length.isEmpty()) {
      long end = from + Long.parseLong(length);
      return end <= size ? (int) end : -1;
    }
    if (!header(head, "transfer-encoding").equals("chunked")) {
      throw new Wrong("an answer without a length: " + head);
    }
    int at = from;
    while (true) {
      int line = at;
      while (line + 1 < size && (all[line] != '\r' || all[line + 1] != '\n')) {
        line++;
      }
      if (line + 1 >= size) {
        return -1;
      }
      int chunk = Integer.parseInt(text(all, at, line), 16);
      at = line + 2 + chunk + 2;
      if (at > size) {
        return -1;
      }
      if (chunk == 0) {
        return at;
      }
    }
  }

  /** In lower case; empty for none. */
  private static String header(String head, String name) {
    for (var line : head.toLowerCase(Locale.ROOT).split("\r\n")) {
      if (line.startsWith(name + ":")) {
        return line.substring(name.length() + 1).strip();
      }
    }
    return "";
  }

  private static String text(byte[] all, int from, int to) {
    int end = Math.min(to, all.length);
    return new String(all, from, end - from, StandardCharsets.ISO_8859_1);
  }
}
