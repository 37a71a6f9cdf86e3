package dev.kelvin.fuzz;

import static dev.kelvin.fuzz.Dice.ascii;

import java.util.ArrayList;
import java.util.List;

/** Lines of the JSON protocol, mutated. Whatever a line holds, the next one is read again. */
final class JsonFrames {
  private static final int MOST = 600;
  private static final int MOST_SECONDS = 60;

  private final Dice dice;

  JsonFrames(Dice dice) {
    this.dice = dice;
  }

  List<Frame> draw() {
    var frames = new ArrayList<Frame>();
    int length = dice.one(8) ? dice.upTo(3) : dice.between(1, MOST);
    while (frames.size() < length) {
      frames.add(whole(frames.size()));
    }
    if (dice.one(15)) {
      frames.addAll(split());
    }
    if (dice.one(80)) {
      frames.add(new Frame(Kind.JSON_LONG, tooLong()));
      frames.add(whole(frames.size()));
    }
    if (dice.percent(30)) {
      var line = any();
      frames.add(new Frame(Kind.JSON_TRUNCATED, dice.truncated(line)));
    }
    return frames;
  }

  private Frame whole(int number) {
    int draw = dice.upTo(10_000);
    if (draw < 2500) {
      return new Frame(Kind.JSON_GET, get(Dice.TRUSTED, number));
    } else if (draw < 2650) {
      return new Frame(Kind.JSON_PUT, put(Dice.TRUSTED, "", number));
    } else if (draw < 2700) {
      var ttl = ",\"ttl\":" + dice.between(1, MOST_SECONDS);
      return new Frame(Kind.JSON_PUT_TTL, put(Dice.TRUSTED, ttl, number));
    } else if (draw < 2750) {
      return new Frame(
          Kind.JSON_DELETE, line("\"op\":\"delete\",\"key\":\"" + dice.key(Dice.MUTATED) + "\""));
    } else if (draw < 4800) {
      return new Frame(Kind.JSON_FLIPPED, ended(dice.flipped(body(any()))));
    } else if (draw < 6000) {
      return new Frame(Kind.JSON_SPLICED, ended(dice.spliced(body(any()), body(any()))));
    } else if (draw < 7000) {
      return new Frame(Kind.JSON_TYPES, line(types()));
    } else if (draw < 7800) {
      return new Frame(Kind.JSON_NUMBERS, line(numbers()));
    } else if (draw < 8000) {
      return new Frame(Kind.JSON_DEEP, ended(deep()));
    } else if (draw < 8900) {
      return new Frame(Kind.JSON_TEXT, line("\"op\":\"get\",\"key\":\"m/" + text() + "\""));
    } else if (draw < 9700) {
      return new Frame(Kind.JSON_RANDOM, ended(dice.bytes(dice.upTo(120))));
    } else if (draw < 9980) {
      return new Frame(Kind.JSON_BLANK, blank());
    }
    return new Frame(Kind.JSON_DRIBBLED, get(Dice.TRUSTED, number), Frame.EVERYWHERE);
  }

  private List<Frame> split() {
    var frames = new ArrayList<Frame>();
    var bytes = dice.one(3) ? put(Dice.TRUSTED, "", 0) : get(Dice.TRUSTED, 0);
    for (int cut = 1; cut < bytes.length; cut++) {
      frames.add(new Frame(Kind.JSON_SPLIT, bytes, cut));
    }
    return frames;
  }

  private static byte[] line(String members) {
    return ascii("{" + members + "}\n");
  }

  private static byte[] body(byte[] line) {
    return java.util.Arrays.copyOf(line, line.length - 1);
  }

  private static byte[] ended(byte[] body) {
    return Dice.join(body, new byte[] {'\n'});
  }

  private byte[] get(String space, int number) {
    return line("\"op\":\"get\",\"key\":\"%s\",\"id\":%d".formatted(dice.key(space), number));
  }

  private byte[] put(String space, String more, int number) {
    var key = dice.key(space);
    return line(
        "\"op\":\"put\",\"key\":\"%s\",\"value\":\"%s\"%s,\"id\":%d"
            .formatted(key, dice.value(key), more, number));
  }

  /** Of the space that is mutated. Few of them write. */
  private byte[] any() {
    return switch (dice.upTo(12)) {
      case 0 -> put(Dice.MUTATED, dice.one(2) ? ",\"ttl\":9" : "", 7);
      case 1 -> line("\"op\":\"delete\",\"key\":\"" + dice.key(Dice.MUTATED) + "\"");
      case 2 -> line("\"id\":\"text\",\"key\":\"m\\u002f1\",\"op\":\"get\",\"redirect\":true");
      default -> get(Dice.MUTATED, 8);
    };
  }

  private String types() {
    var odd =
        dice.of(
            "null", "true", "[]", "{}", "[1,2]", "{\"a\":1}", "1", "-0", "1e9", "\"\"", "\"x\"");
    return switch (dice.upTo(8)) {
      case 0 -> "\"op\":" + odd + ",\"key\":\"m/1\"";
      case 1 -> "\"op\":\"get\",\"key\":" + odd;
      case 2 -> "\"op\":\"put\",\"key\":\"\",\"value\":" + odd;
      case 3 -> "\"op\":\"get\",\"key\":\"m/1\",\"id\":" + odd;
      case 4 -> "\"op\":\"get\",\"op\":\"put\",\"key\":\"m/1\",\"key\":" + odd;
      case 5 -> "\"op\":\"get\"";
      case 6 -> "\"nobody\":" + odd + ",\"op\":\"get\",\"key\":\"m/1\"";
      default -> dice.of("", "\"op\"", ",", "\"op\":\"get\",", "\"op\":\"get\" \"key\":\"m/1\"");
    };
  }

  private String numbers() {
    var number =
        dice.of(
            "-1",
            "1e999",
            "-1e-999",
            "9223372036854775808",
            "1.5",
            "01",
            "+1",
            ".5",
            "1.",
            "NaN",
            "-",
            "0x10",
            "1e99999999999",
            "9".repeat(dice.between(1, 500)));
    return dice.one(2)
        ? "\"op\":\"get\",\"key\":\"m/1\",\"id\":" + number
        : "\"op\":\"put\",\"key\":\"\",\"value\":\"x\",\"ttl\":" + number;
  }

  private byte[] deep() {
    int depth = dice.of(2, 10, 10, 100, dice.one(20) ? 10_000 : 300);
    var open = dice.of("[", "{\"a\":", "[{\"a\":");
    return ascii("{\"op\":\"get\",\"key\":\"m/1\",\"id\":" + open.repeat(depth));
  }

  private String text() {
    var text = new StringBuilder();
    for (int left = dice.between(1, 6); left > 0; left--) {
      text.append(
          dice.of(
              "\\ud800",
              "\\udc00\\ud800",
              "\\u12",
              "\\u00zz",
              "\\x",
              "\\",
              "\\u0000",
              "\t",
              "\0",
              "\u00c0\u00af",
              "\u00ff",
              "\u00ed\u00a0\u0080",
              "\u00f0\u0090",
              "\\n\\r\\/\\\"",
              "\""));
    }
    return text.toString();
  }

  private byte[] blank() {
    return ascii(
        dice.of(
            "\n",
            "\r\n",
            "  \t \n",
            "\n\n\n",
            " {\"op\":\"get\",\"key\":\"m/1\"} \r\n",
            "{\"op\":\"get\",\"key\":\"m/1\"}\r\n",
            "\r\r\n"));
  }

  private byte[] tooLong() {
    int size = JsonConversation.LONGEST_LINE + dice.of(1, 1000, 500_000);
    return dice.one(2)
        ? line("\"op\":\"put\",\"key\":\"m/1\",\"value\":\"" + "x".repeat(size) + "\"")
        : ended(dice.one(2) ? new byte[size] : ascii("[".repeat(size)));
  }
}
