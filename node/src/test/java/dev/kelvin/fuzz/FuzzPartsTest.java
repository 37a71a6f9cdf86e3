package dev.kelvin.fuzz;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.fuzz.CacheModel.Rest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That what is sent is what was meant, and that a wrong answer is seen to be wrong. */
class FuzzPartsTest {
  private static final byte[] GET = CacheModel.get(Dice.ascii("f/7"));
  private static final byte[] SET = CacheModel.set(Dice.ascii("f/7"), Dice.ascii("f/7=x"), 0);

  private static Session session(Door door, Frame... frames) {
    return new Session(5, 6, door, List.of(frames));
  }

  private static Frame frame(Kind kind, String text) {
    return new Frame(kind, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void feed(Conversation talk, String bytes) throws Wrong {
    var all = bytes.getBytes(StandardCharsets.ISO_8859_1);
    // In every way in which it may come.
    for (var one : all) {
      talk.feed(new byte[] {one}, 1);
    }
  }

  @Test
  void aSessionFollowsFromSeedAndNumber() {
    for (int i = 0; i < 50; i++) {
      assertArrayEquals(Session.draw(3, i).bytes(), Session.draw(3, i).bytes());
      assertFalse(java.util.Arrays.equals(Session.draw(3, i).bytes(), Session.draw(4, i).bytes()));
    }
  }

  @Test
  void everyKindIsDrawn() {
    var missing = EnumSet.allOf(Kind.class);
    for (int i = 0; i < 2000 && !missing.isEmpty(); i++) {
      Session.draw(1, i).frames().forEach(frame -> missing.remove(frame.kind()));
    }
    assertEquals(EnumSet.noneOf(Kind.class), missing);
  }

  @Test
  void framesInStepLeaveNothingBehind() {
    int probes = 0;
    for (int i = 0; i < 200; i++) {
      var session = Session.draw(2, i);
      var kinds = session.frames().stream().map(Frame::kind).toList();
      if (session.door() == Door.CACHE && !kinds.contains(Kind.CACHE_COMMAND)) {
        for (var frame : session.frames().subList(0, Math.max(0, kinds.size() - 1))) {
          assertEquals(Rest.NOTHING, CacheModel.rest(frame.bytes()), frame.kind()::name);
        }
        probes += session.conversation().end() == Conversation.End.PROBE ? 1 : 0;
      }
    }
    assertTrue(probes > 5, "sessions that end in a probe: " + probes);
  }

  @Test
  void theModelKnowsWholeHalfAndBrokenFrames() {
    assertEquals(Rest.NOTHING, CacheModel.rest(Dice.join(GET, SET, GET)));
    assertEquals(Rest.PARTIAL, CacheModel.rest(java.util.Arrays.copyOf(SET, SET.length - 1)));
    assertEquals(Rest.BROKEN, CacheModel.rest(Dice.join(GET, new byte[] {4})));
    assertEquals(Rest.BROKEN, CacheModel.rest(new byte[] {2, -1, -1, -1, -1}));
    assertEquals(Rest.PARTIAL, CacheModel.rest(new byte[] {2, 0, 0, 0, 1}));
    assertEquals(Rest.BROKEN, CacheModel.rest(new byte[] {2, 1, 0, 0, 1}));
  }

  @Test
  void aValueOfAnotherKeyIsNoticed() throws Wrong {
    var session = session(Door.CACHE, new Frame(Kind.CACHE_GET, GET));
    feed(session.conversation(), "\1\5\0\0\0f/7=x");
    assertThrows(Wrong.class, () -> feed(session.conversation(), "\1\5\0\0\0f/8=x"));
  }

  @Test
  void answersTooManyTooFewAndOfTheWrongStatusAreNoticed() throws Wrong {
    var broken = session(Door.CACHE, new Frame(Kind.CACHE_COMMAND, new byte[] {9}));
    var talk = broken.conversation();
    assertEquals(Conversation.End.BROKEN, talk.end());
    assertFalse(talk.complete());
    feed(talk, "\2");
    assertTrue(talk.complete());
    assertThrows(Wrong.class, () -> feed(talk, "\2"));
    assertThrows(Wrong.class, () -> feed(broken.conversation(), "\1"));
  }

  @Test
  void linesHaveAnAnswerEachWithTheirId() throws Wrong {
    var get = frame(Kind.JSON_GET, "{\"op\":\"get\",\"key\":\"f/7\",\"id\":4}\n");
    var session = session(Door.JSON, get, frame(Kind.JSON_BLANK, "\r\n \n"));
    var probe = "{\"id\":%d}\n".formatted(session.mark());
    var talk = session.conversation();
    feed(talk, "{\"id\":4,\"value\":\"f/7=x\"}\n" + probe);
    assertTrue(talk.complete());
    for (var wrong :
        List.of("{\"id\":5}\n", "{}\n", "nothing\n", "{\"id\":4,\"value\":\"f/8=x\"}\n")) {
      assertThrows(Wrong.class, () -> feed(session.conversation(), wrong), wrong);
    }
  }

  @Test
  void requestsOfHttpHaveAnAnswerEach() throws Wrong {
    var get = new Frame(Kind.HTTP_GET, HttpFrames.request("GET", "/v1/kv/f/7", ""));
    var session = session(Door.HTTP, get);
    var fine = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nf/7=x";
    var talk = session.conversation();
    feed(
        talk, fine + "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nok\n\r\n0\r\n\r\n");
    assertTrue(talk.complete());
    for (var wrong :
        List.of(
            fine.replace("f/7", "f/8"),
            "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
            "nothing of it\r\n\r\n")) {
      assertThrows(Wrong.class, () -> feed(session.conversation(), wrong), wrong);
    }
  }

  @Test
  void growthThatStaysIsALeakAndOneLookIsNot() {
    var looks = new ArrayList<Footprint>();
    for (int i = 0; i < 6; i++) {
      looks.add(new Footprint(50 << 20, 100 << 20, 200, 40));
    }
    assertEquals(List.of(), Footprint.grown("n", looks));
    looks.set(5, new Footprint(90 << 20, 400 << 20, 2000, 400));
    assertEquals(List.of(), Footprint.grown("n", looks));
    looks.set(4, new Footprint(67 << 20, 133 << 20, 225, 57));
    assertEquals(4, Footprint.grown("n", looks).size());
  }
}
