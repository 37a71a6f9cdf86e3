package dev.kelvin.fuzz;

import java.util.ArrayList;
import java.util.List;

/**
 * Requests of HTTP/1.1, mutated. What keeps the framing stands first; what may end the connection,
 * or whose end nobody but the door can tell, stands last.
 */
final class HttpFrames {
  private static final int MOST = 60;
  private static final String HOST = " HTTP/1.1\r\nHost: kelvin\r\n";
  private static final String KV = "/v1/kv/";

  private final Dice dice;

  HttpFrames(Dice dice) {
    this.dice = dice;
  }

  /** Whether the connection goes on behind a frame of this kind, with one answer to each. */
  static boolean goesOn(Kind kind) {
    return switch (kind) {
      case HTTP_GET,
          HTTP_PUT,
          HTTP_CHUNKED,
          HTTP_DELETE,
          HTTP_HEAD,
          HTTP_HEALTH,
          HTTP_PATH,
          HTTP_PERCENT,
          HTTP_QUERY,
          HTTP_LIST,
          HTTP_HEADERS,
          HTTP_METHOD,
          HTTP_SPLIT,
          HTTP_DRIBBLED ->
          true;
      default -> false;
    };
  }

  List<Frame> draw() {
    var frames = new ArrayList<Frame>();
    int length = dice.one(8) ? 0 : dice.between(1, MOST);
    while (frames.size() < length) {
      frames.add(whole());
    }
    if (dice.one(60)) {
      frames.addAll(split());
    }
    if (dice.percent(75)) {
      frames.add(ending());
    }
    return frames;
  }

  private Frame whole() {
    int draw = dice.upTo(1000);
    if (draw < 250) {
      return new Frame(Kind.HTTP_GET, get(Dice.TRUSTED, ""));
    } else if (draw < 265) {
      return new Frame(Kind.HTTP_PUT, put(Dice.TRUSTED));
    } else if (draw < 275) {
      return new Frame(Kind.HTTP_CHUNKED, chunked());
    } else if (draw < 280) {
      return new Frame(Kind.HTTP_DELETE, request("DELETE", KV + dice.key(Dice.MUTATED), ""));
    } else if (draw < 310) {
      return new Frame(Kind.HTTP_HEAD, request("HEAD", KV + dice.key(Dice.TRUSTED), ""));
    } else if (draw < 360) {
      var path = dice.of("/readyz", "/livez", "/health", "/version", "/readyz?verbose", "/livez?x");
      return new Frame(Kind.HTTP_HEALTH, request("GET", path, ""));
    } else if (draw < 500) {
      return new Frame(Kind.HTTP_PATH, request("GET", path(), ""));
    } else if (draw < 650) {
      return new Frame(Kind.HTTP_PERCENT, request("GET", KV + percent(), ""));
    } else if (draw < 660) {
      return new Frame(Kind.HTTP_LIST, request("GET", "/v1/kv?" + listing(), ""));
    } else if (draw < 780) {
      return new Frame(Kind.HTTP_QUERY, request("GET", KV + "m/1?" + query(), ""));
    } else if (draw < 940) {
      return new Frame(Kind.HTTP_HEADERS, request("GET", KV + "m/2", headers()));
    } else if (draw < 999) {
      return new Frame(Kind.HTTP_METHOD, request(method(), KV + "m/3", ""));
    }
    return new Frame(Kind.HTTP_DRIBBLED, get(Dice.TRUSTED, ""), Frame.EVERYWHERE);
  }

  private List<Frame> split() {
    var frames = new ArrayList<Frame>();
    var bytes = dice.one(3) ? chunked() : get(Dice.TRUSTED, "");
    for (int cut = 1; cut < bytes.length; cut++) {
      frames.add(new Frame(Kind.HTTP_SPLIT, bytes, cut));
    }
    return frames;
  }

  private Frame ending() {
    return switch (dice.upTo(13)) {
      case 0 -> new Frame(Kind.HTTP_VERSION, version());
      case 1 -> new Frame(Kind.HTTP_LONG, tooLong());
      case 2, 3 -> new Frame(Kind.HTTP_LENGTH, length());
      case 4 ->
          dice.one(10)
              ? new Frame(Kind.HTTP_OVERSIZED, oversized())
              : new Frame(Kind.HTTP_LENGTH, length());
      case 5, 6 -> new Frame(Kind.HTTP_CHUNKS, chunks());
      case 7 -> new Frame(Kind.HTTP_FLIPPED, dice.flipped(any()));
      case 8 -> new Frame(Kind.HTTP_SPLICED, dice.spliced(any(), any()));
      case 9 -> new Frame(Kind.HTTP_RANDOM, dice.bytes(dice.between(1, 400)));
      case 10 -> new Frame(Kind.HTTP_UPGRADE, upgrade());
      case 11 -> new Frame(Kind.HTTP_WATCH, request("GET", "/v1/watch" + watch(), ""));
      default -> new Frame(Kind.HTTP_TRUNCATED, dice.truncated(any()));
    };
  }

  static byte[] request(String method, String target, String headers) {
    return Dice.ascii(method + " " + target + HOST + headers + "\r\n");
  }

  private byte[] get(String space, String headers) {
    return request("GET", KV + dice.key(space), headers);
  }

  private byte[] put(String space) {
    var key = dice.key(space);
    var value = dice.value(key);
    return withBody("PUT", KV + key, "Content-Length: " + value.length() + "\r\n", value);
  }

  private static byte[] withBody(String method, String target, String headers, String body) {
    return Dice.ascii(method + " " + target + HOST + headers + "\r\n" + body);
  }

  private byte[] chunked() {
    var key = dice.key(Dice.TRUSTED);
    var value = dice.value(key);
    var body = new StringBuilder();
    for (int at = 0; at < value.length(); ) {
      int size = Math.min(dice.between(1, 40), value.length() - at);
      body.append(Integer.toHexString(size))
          .append(dice.of("", "", ";x=y", ";\"q\""))
          .append("\r\n");
      body.append(value, at, at + size).append("\r\n");
      at += size;
    }
    body.append("0\r\n").append(dice.of("", "", "Trailer: x\r\n")).append("\r\n");
    return withBody("PUT", KV + key, "Transfer-Encoding: chunked\r\n", body.toString());
  }

  /** A request of the space that is mutated. */
  private byte[] any() {
    return switch (dice.upTo(4)) {
      case 0 -> put(Dice.MUTATED);
      case 1 -> request("GET", "/readyz?verbose", "Accept: */*\r\n");
      default -> get(Dice.MUTATED, "Accept: application/json\r\nX-Some: thing\r\n");
    };
  }

  /** Visible characters that may stand in a request line; at most a few bytes beyond ASCII. */
  private String visible(int most) {
    var text = new StringBuilder();
    for (int left = dice.upTo(most); left > 0; left--) {
      text.append((char) (dice.one(30) ? dice.between(0xa1, 0x100) : dice.between(0x21, 0x7f)));
    }
    return text.toString();
  }

  private String path() {
    return switch (dice.upTo(8)) {
      case 0 -> KV + "m/" + visible(60).replace("#", "");
      case 1 -> "/" + visible(40);
      case 2 -> KV + "../".repeat(dice.upTo(20)) + "m/1";
      case 3 -> "/v1" + "/".repeat(dice.between(1, 30)) + "kv/m/1";
      case 4 -> KV;
      case 5 -> KV + "m/" + "x".repeat(dice.upTo(3000));
      case 6 -> dice.of("/v1/kv", "/v1", "/", "/v3/kv/range", "/q/dev", "/.", "/..", "/v1/kv/;a=b");
      default -> KV + "m/1;" + visible(20);
    };
  }

  private String percent() {
    var text = new StringBuilder("m/");
    for (int left = dice.between(1, 12); left > 0; left--) {
      text.append(
          switch (dice.upTo(8)) {
            case 0 -> "%";
            case 1 -> "%" + (char) dice.between('0', 'z');
            case 2 -> "%zz";
            case 3 -> dice.of("%c0%af", "%ff", "%ed%a0%80", "%f8%88%80%80", "%e2%82");
            case 4 -> dice.of("%00", "%0d%0a", "%2f", "%2e%2e%2f", "%25", "%u0041");
            case 5 -> "+";
            default -> String.format("%%%02x", dice.upTo(256));
          });
    }
    return text.toString();
  }

  private String query() {
    return switch (dice.upTo(6)) {
      case 0 -> visible(60).replace("#", "");
      case 1 -> "json&serializable=" + percent();
      case 2 -> "&=&==&&json=&serializable=true=true";
      case 3 -> "json&".repeat(dice.upTo(400));
      case 4 -> dice.of("limit", "ttl", "prefix", "revision", "watch-from") + "=" + dice.number();
      default -> "serializable=" + visible(20).replace("#", "");
    };
  }

  private String listing() {
    var parameters = new ArrayList<String>();
    for (int left = dice.between(1, 4); left > 0; left--) {
      parameters.add(
          switch (dice.upTo(6)) {
            case 0 -> "prefix=" + dice.of("m/", "m/1", "%", "%ff", "");
            case 1 -> "limit=" + dice.of(1, 2, 3, 0, -1, dice.number());
            case 2 -> "revision=" + dice.number();
            case 3 ->
                "continue=" + dice.of("", "%00", "AAAA", "////", visible(60).replace("#", ""));
            case 4 -> "keysOnly";
            default -> "consistency=" + visible(10).replace("#", "");
          });
    }
    return String.join("&", parameters);
  }

  private String watch() {
    return dice.of("/", "?", "?prefix=")
        + dice.of("m/1", "m/", "", "%ff", "from=1", "from=" + dice.number(), "&heartbeat=0");
  }

  private String headers() {
    return switch (dice.upTo(9)) {
      case 0 -> "Accept: " + visible(60) + "\r\n";
      case 1 -> "X-A: b\r\n".repeat(dice.upTo(200));
      case 2 -> "If-Match: " + dice.of("*", "\"", "W/\"1\"", "\"1\", \"2\"", visible(20)) + "\r\n";
      case 3 -> "Range: bytes=" + dice.number() + "-" + dice.number() + "\r\n";
      case 4 -> "Accept-Encoding: " + visible(30) + "\r\nAccept-Language: ;q=9\r\n";
      case 5 -> "Cookie: " + visible(100) + "\r\nAuthorization: Basic " + visible(30) + "\r\n";
      case 6 -> "X-Long: " + "y".repeat(dice.upTo(6000)) + "\r\n";
      case 7 -> "Content-Type: " + visible(30) + "\r\nOrigin: " + visible(20) + "\r\n";
      default -> "Host: other\r\nForwarded: for=" + visible(20) + "\r\nX-Empty:\r\n";
    };
  }

  private String method() {
    return dice.of(
        "PATCH", "OPTIONS", "TRACE", "get", "Put", "FOO", "PROPFIND", "G-E-T", "X".repeat(40), "!");
  }

  private byte[] version() {
    var version =
        dice.of(
            "HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/9.9", "HTTP/", "http/1.1", "", "XTTP/1.1");
    return Dice.ascii("GET " + KV + "m/1 " + version + "\r\nHost: kelvin\r\n\r\n");
  }

  private byte[] tooLong() {
    int many = dice.between(9_000, 70_000);
    return dice.one(2)
        ? request("GET", KV + "m/" + "x".repeat(many), "")
        : request(
            "GET", KV + "m/1", dice.one(2) ? "X: " + "y".repeat(many) + "\r\n" : fields(many));
  }

  private static String fields(int bytes) {
    return "X-Some: thing\r\n".repeat(bytes / 15);
  }

  private byte[] length() {
    var value =
        dice.of("-1", "99999999999999999999", "0x10", "1,1", "1, 2", "", "+3", "3 3", "2147483648");
    var headers = "Content-Length: " + value + "\r\n";
    headers +=
        dice.of(
            "",
            "",
            "",
            "Content-Length: 3\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Expect: 100-continue\r\n");
    return withBody("PUT", KV + dice.key(Dice.MUTATED), headers, "abc");
  }

  private byte[] oversized() {
    int size = CacheModel.MAX_REQUEST_BYTES + dice.of(65_536, 65_537, 200_000);
    var head = "Content-Length: " + size + "\r\n";
    var body = dice.one(2) ? "x".repeat(size) : "";
    return withBody("PUT", KV + dice.key(Dice.MUTATED), head, body);
  }

  private byte[] chunks() {
    var body =
        dice.of(
            "zz\r\nabc\r\n0\r\n\r\n",
            "3\r\nabcd\r\n0\r\n\r\n",
            "-1\r\nabc\r\n0\r\n\r\n",
            "ffffffffffffffff\r\nabc\r\n",
            "7fffffff\r\nabc\r\n",
            "3abc0\r\n\r\n",
            "3\nabc\n0\n\n",
            "\r\n\r\n",
            "3;" + "x".repeat(dice.upTo(20_000)) + "\r\nabc\r\n0\r\n\r\n",
            "0\r\n" + "T: x\r\n".repeat(dice.upTo(3000)) + "\r\n",
            "3\r\nabc\r\n0\r\nno colon\r\n\r\n");
    var coding =
        dice.of("chunked", "chunked", "chunked", "gzip, chunked", "xchunked", "chunked, chunked");
    var bytes =
        withBody("PUT", KV + dice.key(Dice.MUTATED), "Transfer-Encoding: " + coding + "\r\n", body);
    return dice.one(3) ? dice.flipped(bytes) : bytes;
  }

  private byte[] upgrade() {
    var junk = dice.bytes(dice.upTo(200));
    return switch (dice.upTo(4)) {
      case 0 -> Dice.join(Dice.ascii("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), junk);
      case 1 ->
          Dice.join(
              request(
                  "GET",
                  "/readyz",
                  "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: "
                      + dice.of("AAMAAABkAAQAAP__", "", visible(30))
                      + "\r\n"),
              junk);
      case 2 ->
          Dice.join(
              request(
                  "GET",
                  KV + "m/1",
                  "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                      + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
              junk);
      default -> Dice.join(request("CONNECT", "kelvin:80", ""), junk);
    };
  }
}
