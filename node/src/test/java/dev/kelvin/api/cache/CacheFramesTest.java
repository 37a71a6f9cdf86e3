package dev.kelvin.api.cache;

import static dev.kelvin.api.cache.Bytes.field;
import static dev.kelvin.api.cache.Bytes.found;
import static dev.kelvin.api.cache.Bytes.get;
import static dev.kelvin.api.cache.Bytes.join;
import static dev.kelvin.api.cache.Bytes.joining;
import static dev.kelvin.api.cache.Bytes.number;
import static dev.kelvin.api.cache.Bytes.set;
import static dev.kelvin.api.cache.Bytes.status;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.member.Refusal;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.replica.Replica;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The binary protocol byte by byte. */
class CacheFramesTest {
  private final Line line = Line.cache(1 << 20);

  /** Whatever happened on it, a connection that is gone holds nothing. */
  @AfterEach
  void nothingIsLeft() {
    line.node.holdBack = false;
    line.node.release();
    line.close();
    assertEquals(0, line.budget.taken());
  }

  private void answers(byte[] expected) {
    assertArrayEquals(expected, line.answers());
  }

  @Test
  void setAndGet() {
    line.send(set("k", "v", 0));
    answers(status(1));
    line.send(get("k"));
    answers(found("v"));
    line.send(get("other"));
    answers(status(3));
    assertEquals(2, line.meter.answered(DoorMeter.Result.OK));
    assertEquals(1, line.meter.answered(DoorMeter.Result.NOT_FOUND));
  }

  @Test
  void aSetIsTheBytesOfAPutAsAnyClientOfEtcdWouldSendThem() {
    for (var value : List.of("v", "", "x".repeat(200))) {
      line.send(set("key", value, 0));
      answers(status(1));
      var put =
          PutRequest.newBuilder()
              .setKey(ByteString.copyFromUtf8("key"))
              .setValue(ByteString.copyFromUtf8(value));
      assertArrayEquals(put.build().toByteArray(), line.node.lastPayload);
    }
  }

  @Test
  void aSetWithTimeIsOneProposal() {
    line.send(set("k", "v", 7));
    answers(status(1));
    assertEquals(1, line.node.proposals.get());
    assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 0, 0, 7}, Arrays.copyOf(line.node.lastPayload, 8));
  }

  @Test
  void whatCannotBeDoneIsAnErrorAndTheConnectionGoesOn() {
    line.send(set("k", "v", -1));
    answers(status(2));
    line.send(set("", "v", 0));
    answers(status(2));
    line.send(get(""));
    answers(status(2));
    line.node.failure = Replica.Failure.TOO_MANY_REQUESTS;
    line.send(set("k", "v", 0));
    answers(status(2));
    line.node.failure = Replica.Failure.NO_LEADER;
    line.send(join(set("k", "v", 0), get("k")));
    answers(status(2, 2));
    line.node.failure = null;
    line.send(join(set("k", "v", 0), get("k")));
    answers(join(status(1), found("v")));
  }

  @Test
  void framesMayComeInAnyPieces() {
    var random = new Random(42);
    var sent = new ArrayList<byte[]>();
    var expected = new ArrayList<byte[]>();
    var state = new HashMap<String, String>();
    for (int i = 0; i < 300; i++) {
      var key = "key" + random.nextInt(20);
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          var value = "v".repeat(random.nextInt(100));
          sent.add(set(key, value, 0));
          expected.add(status(1));
          state.put(key, value);
        }
        case 2, 3 -> {
          sent.add(get(key));
          expected.add(state.containsKey(key) ? found(state.get(key)) : status(3));
        }
        default -> {
          sent.add(set(key, "x".repeat(Line.MAX_REQUEST + random.nextInt(500)), 3));
          expected.add(status(2));
        }
      }
    }
    var all = join(sent);
    for (int most : new int[] {1, 3, 50, 5000, all.length}) {
      for (int at = 0; at < all.length; ) {
        int end = Math.min(all.length, at + 1 + random.nextInt(most));
        line.send(Arrays.copyOfRange(all, at, end));
        at = end;
        if (at == all.length) {
          state.clear();
        }
      }
      var answered = line.answers();
      if (most == 1) {
        assertArrayEquals(join(expected), answered);
      } else {
        // The keys are there from the first time on.
        assertEquals(300, countAnswers(answered, sent));
      }
    }
  }

  private static int countAnswers(byte[] answers, List<byte[]> sent) {
    int at = 0;
    int count = 0;
    for (var frame : sent) {
      int status = answers[at++];
      if (frame[0] == 2 && status == 1) {
        at += 4 + (answers[at] & 0xff);
      }
      count++;
    }
    assertEquals(answers.length, at);
    return count;
  }

  @Test
  void whatIsTooLongIsSkippedAndAnsweredOnce() {
    var longest = "x".repeat(Line.MAX_REQUEST + 1);
    var tooLong =
        List.of(
            set(longest, "v", 0),
            set("k", longest, 0),
            set(longest, longest, 0),
            set("k".repeat(600), "v".repeat(600), 0),
            get(longest),
            joining(longest, "127.0.0.1:1"),
            joining("n", longest));
    for (var frame : tooLong) {
      line.send(frame);
      answers(status(2));
      for (var b : frame) {
        line.send(new byte[] {b});
      }
      answers(status(2));
    }
    line.send(join(join(tooLong), set("k", "v", 0)));
    answers(status(2, 2, 2, 2, 2, 2, 2, 1));
    assertEquals(1, line.node.proposals.get());
  }

  @Test
  void aFrameForWhichThereIsNoRoomIsSkipped() {
    try (var small = Line.cache(2000)) {
      small.node.holdBack = true;
      small.send(join(set("a", "x".repeat(900), 0), set("b", "x".repeat(900), 0), get("c")));
      assertEquals(1, small.node.proposals.get());
      small.node.release();
      assertArrayEquals(status(1, 2, 3), small.answers());
      small.send(set("b", "x".repeat(900), 0));
      small.node.release();
      assertArrayEquals(status(1), small.answers());
      assertEquals(0, small.budget.taken());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, CacheFrames.MAX_SKIP + 1})
  void aLengthThatCannotBeMeantEndsTheConnectionAfterALastStatus(int length) {
    var frames =
        List.of(
            join(new byte[] {1}, number(length)),
            join(new byte[] {1}, field("k"), number(length)),
            join(new byte[] {1}, field("x".repeat(2000)), number(length)),
            join(new byte[] {2}, number(length)),
            join(new byte[] {3}, field("n"), number(length)));
    for (var frame : frames) {
      try (var lost = Line.cache(1 << 20)) {
        lost.send(join(set("k", "v", 0), frame, set("k", "v", 0)));
        assertArrayEquals(status(1, 2), lost.answers());
        assertFalse(lost.open());
        assertEquals(1, lost.node.proposals.get());
        assertEquals(0, lost.budget.taken());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(bytes = {0, 4, 'G', -1})
  void anUnknownCommandEndsTheConnectionAfterALastStatus(byte command) {
    line.send(join(get("k"), new byte[] {command}, get("k")));
    answers(status(3, 2));
    assertFalse(line.open());
  }

  @Test
  void requestsGoTogetherAndAreAnsweredInOrder() {
    line.node.holdBack = true;
    line.send(join(set("a", "1", 0), set("b", "2", 0), get("c"), set("d", "3", 0)));
    assertEquals(3, line.node.proposals.get());
    assertEquals(1, line.node.barriers);
    answers(new byte[0]);
    // The last first.
    line.node.release();
    answers(status(1, 1, 3, 1));
  }

  @Test
  void requestsAboutOneKeyTakeEffectInOrder() {
    line.node.holdBack = true;
    line.send(join(get("k"), get("k"), set("k", "1", 0), set("k", "2", 0), get("k"), get("other")));
    // Two reads disturb nobody; the first write waits for them, and all the rest for it.
    assertEquals(2, line.node.barriers);
    assertEquals(0, line.node.proposals.get());
    line.node.release();
    answers(status(3, 3));
    assertEquals(1, line.node.proposals.get());
    line.node.release();
    answers(status(1));
    assertEquals(2, line.node.proposals.get());
    assertEquals(2, line.node.barriers);
    line.node.release();
    answers(status(1));
    assertEquals(4, line.node.barriers);
    line.node.release();
    answers(join(found("2"), status(3)));
  }

  @Test
  void readingStopsWhileTooMuchIsUnderWay() {
    line.node.holdBack = true;
    var frames = new ArrayList<byte[]>();
    for (int i = 0; i < Connection.MAX_UNDER_WAY + 10; i++) {
      frames.add(set("key" + i, "v", 0));
    }
    line.send(join(frames));
    assertEquals(Connection.MAX_UNDER_WAY, line.node.proposals.get());
    assertFalse(line.channel.config().isAutoRead());
    line.node.holdBack = false;
    line.node.release();
    assertEquals(Connection.MAX_UNDER_WAY + 10, line.answers().length);
    assertTrue(line.channel.config().isAutoRead());
  }

  @Test
  void joinTellsWhetherTheNodeIsAMemberNow() {
    line.send(joining("n4", "127.0.0.1:1"));
    answers(status(1));
    line.node.invited = Optional.of(Refusal.NO_LEADER);
    line.send(joining("n4", "127.0.0.1:1"));
    answers(status(2));
  }

  @Test
  void aConnectionThatIsCutGivesBackWhatItHeld() {
    line.node.holdBack = true;
    line.send(join(set("a", "1", 0), set("a", "2", 0), get("b")));
    line.send(join(new byte[] {1}, field("half")));
    assertTrue(line.budget.taken() > 0);
  }

  @Test
  void aReadThatTouchesTheDiskIsAnsweredInItsPlace() {
    line.send(set("k", "v", 0));
    answers(status(1));
    line.node.cold = true;
    line.send(join(get("k"), set("a", "1", 0)));
    var expected = join(found("v"), status(1));
    var answered = line.answers();
    for (int i = 0; i < 1000 && answered.length < expected.length; i++) {
      LockSupport.parkNanos(1_000_000);
      answered = join(answered, line.answers());
    }
    assertArrayEquals(expected, answered);
  }
}
