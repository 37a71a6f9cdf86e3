package dev.kelvin.fuzz;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Answers of the JSON door: one object to each line that is not blank, in order. */
final class JsonConversation implements Conversation {
  /** Of a line, without its end. */
  static final int LONGEST_LINE = 2 * CacheModel.MAX_REQUEST_BYTES + (64 << 10);

  private static final JsonFactory JSON = new JsonFactory();

  /** Frames that were sent as they were made say what must come back. */
  private record Expected(Kind kind, String id, String key) {}

  private final List<Expected> expected = new ArrayList<>();
  private final End end;
  private final byte[] probe;
  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
  private int answers;
  private int refused;

  JsonConversation(Session session) {
    boolean partial = false;
    for (var frame : session.frames()) {
      partial |= lines(frame);
    }
    end = partial ? End.PARTIAL : End.PROBE;
    if (partial) {
      probe = new byte[0];
    } else {
      var text = "{\"op\":\"get\",\"key\":\"probe\",\"id\":%d}\n".formatted(session.mark());
      probe = text.getBytes(StandardCharsets.US_ASCII);
      expected.add(new Expected(Kind.JSON_GET, Long.toString(session.mark()), "probe"));
    }
  }

  /** Adds the answers to a frame's lines; whether something is left behind the last of them. */
  private boolean lines(Frame frame) {
    var text = new String(frame.bytes(), StandardCharsets.ISO_8859_1);
    int at = 0;
    for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
      var line = text.substring(at, end);
      if (!blank(line)) {
        expected.add(expected(frame.kind(), line));
      }
      at = end + 1;
    }
    return at < text.length();
  }

  private static boolean blank(String line) {
    return line.chars().allMatch(c -> c == ' ' || c == '\t' || c == '\r');
  }

  private static Expected expected(Kind kind, String line) {
    return switch (kind) {
      case JSON_GET, JSON_PUT, JSON_PUT_TTL, JSON_SPLIT, JSON_DRIBBLED -> {
        var id = line.substring(line.indexOf("\"id\":") + 5, line.length() - 1);
        int key = line.indexOf("\"key\":\"") + 7;
        yield new Expected(kind, id, line.substring(key, line.indexOf('"', key)));
      }
      default -> new Expected(kind, null, null);
    };
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
    return answers == expected.size();
  }

  @Override
  public int refused() {
    return refused;
  }

  @Override
  public String progress() {
    return answers + " answers of " + expected.size();
  }

  @Override
  public void feed(byte[] bytes, int length) throws Wrong {
    int at = 0;
    for (int i = 0; i < length; i++) {
      if (bytes[i] == '\n') {
        pending.write(bytes, at, i - at);
        at = i + 1;
        answer(pending.toString(StandardCharsets.UTF_8));
        pending.reset();
      }
    }
    pending.write(bytes, at, length - at);
  }

  private void answer(String line) throws Wrong {
    if (complete()) {
      throw new Wrong("an answer more than the %d that are due: %s".formatted(answers, line));
    }
    var wanted = expected.get(answers);
    var answer = members(line);
    if (wanted.id != null) {
      whole(wanted, answer);
    }
    answers++;
  }

  /** Those of the object, an ID as it was written; of the members inside of it nothing. */
  private Map<String, String> members(String line) throws Wrong {
    var members = new HashMap<String, String>();
    try (var json = JSON.createParser(line)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new Wrong("answer %d is no object of JSON: %s".formatted(answers, line));
      }
      while (json.nextToken() != JsonToken.END_OBJECT) {
        var name = json.currentName();
        json.nextToken();
        members.put(name, json.getText());
        json.skipChildren();
      }
      if (json.nextToken() != null) {
        throw new Wrong("answer %d is more than an object: %s".formatted(answers, line));
      }
    } catch (IOException e) {
      throw new Wrong("answer %d is not JSON: %s".formatted(answers, line));
    }
    return members;
  }

  private void whole(Expected wanted, Map<String, String> answer) throws Wrong {
    if (!wanted.id.equals(answer.get("id"))) {
      throw new Wrong(
          "answer %d names another request than %s: %s".formatted(answers, wanted, answer));
    }
    var value = answer.get("value");
    if (answer.containsKey("error")) {
      refused += wanted.key.startsWith(Dice.TRUSTED) ? 1 : 0;
    } else if (value != null && !value.startsWith(wanted.key + "=")) {
      throw new Wrong(
          "answer %d has a value of another key than %s: %s".formatted(answers, wanted, answer));
    }
  }
}
