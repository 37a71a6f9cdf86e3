package dev.kelvin.fuzz;

import dev.kelvin.fuzz.CacheModel.Answer;
import dev.kelvin.fuzz.CacheModel.Expected;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Answers of the cache door: each in its turn, as {@link CacheModel} has them. */
final class CacheConversation implements Conversation {
  private static final int OK = 1;
  private static final int ERROR = 2;
  private static final int NOT_FOUND = 3;

  private final List<Expected> expected;
  private final End end;
  private final byte[] probe;
  private int answers;
  private int refused;

  /** Of a value that is being read: so many bytes of its length, and of itself, are here. */
  private boolean inValue;

  private int lengthBytes;
  private int length;
  private int valueBytes;
  private final StringBuilder beginning = new StringBuilder();

  CacheConversation(Session session) {
    var sent = session.bytes();
    var model = new CacheModel(sent);
    end =
        switch (model.rest()) {
          case NOTHING -> End.PROBE;
          case PARTIAL -> End.PARTIAL;
          case BROKEN -> End.BROKEN;
        };
    expected = model.answers();
    if (end == End.PROBE) {
      // Of a key that nobody writes.
      probe = CacheModel.get(Dice.ascii("probe/" + session.mark()));
      expected.add(new Expected(Answer.VALUE, null));
    } else {
      probe = new byte[0];
    }
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
  public String progress() {
    return answers + " answers of " + expected.size();
  }

  @Override
  public int refused() {
    return refused;
  }

  @Override
  public void feed(byte[] bytes, int size) throws Wrong {
    for (int i = 0; i < size; i++) {
      if (inValue) {
        value(bytes[i]);
      } else if (answers == expected.size()) {
        throw new Wrong("more answers than the " + answers + " that are due");
      } else {
        status(bytes[i]);
      }
    }
  }

  private void status(int status) throws Wrong {
    var wanted = expected.get(answers).answer();
    boolean fine =
        switch (wanted) {
          // Refused, for want of a leader or of room: counted, and not too often.
          case DONE -> status == OK || status == ERROR;
          case VALUE -> status == OK || status == NOT_FOUND || status == ERROR;
          case ERROR -> status == ERROR;
          case STATUS -> status == OK || status == ERROR || status == NOT_FOUND;
        };
    if (!fine) {
      throw new Wrong("answer %d has status %d, not %s".formatted(answers, status, wanted));
    }
    if (status == ERROR && (wanted == Answer.DONE || wanted == Answer.VALUE)) {
      refused++;
    }
    if (wanted == Answer.VALUE && status == OK) {
      inValue = true;
      lengthBytes = 0;
      length = 0;
      valueBytes = 0;
      beginning.setLength(0);
    } else {
      answers++;
    }
  }

  private void value(byte next) throws Wrong {
    if (lengthBytes < Integer.BYTES) {
      length |= (next & 0xff) << (Byte.SIZE * lengthBytes++);
      if (lengthBytes == Integer.BYTES && (length < 0 || length > CacheModel.MAX_REQUEST_BYTES)) {
        throw new Wrong("answer %d has a value of %d bytes".formatted(answers, length));
      }
    } else {
      valueBytes++;
      if (beginning.length() < 16) {
        beginning.append((char) (next & 0xff));
      }
    }
    if (lengthBytes == Integer.BYTES && valueBytes == length) {
      var key = expected.get(answers).key();
      if (key != null && !beginning.toString().startsWith(key + "=")) {
        var text = beginning.toString().getBytes(StandardCharsets.ISO_8859_1);
        throw new Wrong(
            "answer %d to a GET of %s is a value of another: %s"
                .formatted(answers, key, new String(text, StandardCharsets.UTF_8)));
      }
      inValue = false;
      answers++;
    }
  }
}
