package dev.kelvin.checker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.checker.Operation.Answered;
import dev.kelvin.checker.Operation.NotDone;
import dev.kelvin.checker.Operation.Rejected;
import dev.kelvin.checker.Operation.Result;
import dev.kelvin.checker.Operation.Unknown;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class LinearizabilityTest {
  private final List<Operation> history = new ArrayList<>();

  @Test
  void acceptsWritesAndReadsInOrder() {
    op(0, 1, put("a", "1"), written(2));
    op(2, 3, get("a"), read(2, kv("a", "1", 2, 2, 1)));
    op(4, 5, put("a", "2"), written(3));
    op(6, 7, get("a"), read(3, kv("a", "2", 2, 3, 2)));
    op(8, 9, delete("a"), deleted(4, 1));
    op(10, 11, get("a"), read(4));
    op(12, 13, delete("a"), deleted(4, 0));
    accepted();
  }

  @Test
  void acceptsOverlappingWritesInAnyOrderOfRevisions() {
    op(0, 9, put("a", "1"), written(3));
    op(1, 8, put("a", "2"), written(2));
    op(10, 11, get("a"), read(3, kv("a", "1", 2, 3, 2)));
    accepted();
  }

  @Test
  void acceptsAReadThatSeesAWriteStillUnderWay() {
    op(0, 9, put("a", "1"), written(2));
    op(1, 2, get("a"), read(2, kv("a", "1", 2, 2, 1)));
    accepted();
  }

  @Test
  void rejectsAStaleRead() {
    op(0, 1, put("a", "1"), written(2));
    op(2, 3, put("a", "2"), written(3));
    op(4, 5, get("a"), read(2, kv("a", "1", 2, 2, 1)));
    rejected("stale read");
  }

  @Test
  void rejectsAReadOlderThanWhatAnEarlierReadSaw() {
    op(0, 20, put("a", "1"), written(2));
    op(1, 2, get("a"), read(2, kv("a", "1", 2, 2, 1)));
    op(3, 4, get("a"), read(1));
    rejected("stale read");
  }

  @Test
  void rejectsALinearizableReadOlderThanASerializableOneBefore() {
    op(0, 20, put("a", "1"), written(2));
    op(1, 2, serializable("a"), read(2, kv("a", "1", 2, 2, 1)));
    op(3, 4, get("a"), read(1));
    rejected("stale read");
  }

  @Test
  void acceptsALateSerializableReadOfAPrefix() {
    op(0, 1, put("a", "1"), written(2));
    op(2, 3, put("a", "2"), written(3));
    op(4, 5, serializable("a"), read(2, kv("a", "1", 2, 2, 1)));
    op(6, 7, serializable("a"), read(1));
    accepted();
  }

  @Test
  void rejectsASerializableReadOfNoPrefix() {
    op(0, 1, put("a", "1"), written(2));
    op(2, 3, put("b", "2"), written(3));
    op(4, 5, serializable("b"), read(2, kv("b", "2", 3, 3, 1)));
    rejected("replay");
  }

  @Test
  void rejectsAReadFromTheFuture() {
    op(0, 1, serializable("a"), read(2, kv("a", "1", 2, 2, 1)));
    op(2, 3, put("a", "1"), written(2));
    rejected("real-time order");
  }

  @Test
  void rejectsWritesWhoseRevisionsContradictRealTime() {
    op(0, 1, put("a", "1"), written(3));
    op(2, 3, put("a", "2"), written(2));
    rejected("real-time order");
  }

  @Test
  void rejectsALostWrite() {
    op(0, 1, put("a", "1"), written(2));
    op(2, 3, put("b", "2"), written(3));
    op(4, 5, get("a"), read(3));
    rejected("replay");
  }

  @Test
  void rejectsALostLastWrite() {
    op(0, 1, put("a", "1"), written(2));
    op(2, 3, get("a"), read(1));
    rejected("stale read");
  }

  @Test
  void rejectsARevisionUsedTwice() {
    op(0, 1, put("a", "1"), written(2));
    op(0, 2, put("b", "2"), written(2));
    rejected("replay");
  }

  @Test
  void rejectsAValueNobodyWrote() {
    op(0, 1, put("a", "1"), written(2));
    op(2, 3, get("a"), read(2, kv("a", "ghost", 2, 2, 1)));
    rejected("replay");
  }

  @Test
  void rejectsAWriteCarriedOutTwice() {
    op(0, 1, put("a", "1"), written(2));
    op(2, 3, get("a"), read(3, kv("a", "1", 2, 3, 2)));
    rejected("replay");
  }

  @Test
  void rejectsAnUnknownWriteCarriedOutTwice() {
    op(0, 100, put("a", "1"), new Unknown("timeout"));
    op(2, 3, get("a"), read(2, kv("a", "1", 2, 2, 1)));
    op(4, 5, get("a"), read(3, kv("a", "1", 2, 3, 2)));
    rejected("replay");
  }

  @Test
  void rejectsAWriteThatWasRefusedAndHappenedAllTheSame() {
    op(0, 1, put("a", "1"), new NotDone("no leader"));
    op(2, 3, get("a"), read(2, kv("a", "1", 2, 2, 1)));
    rejected("replay");
  }

  @Test
  void rejectsAWrongVersionCount() {
    op(0, 1, put("a", "1"), written(2));
    op(2, 3, put("a", "2"), written(3));
    op(4, 5, get("a"), read(3, kv("a", "2", 2, 3, 1)));
    rejected("replay");
  }

  @Test
  void rejectsTwoReadsOfOneRevisionThatDiffer() {
    op(0, 1, put("a", "1"), new Unknown("timeout"));
    op(0, 2, put("a", "2"), new Unknown("timeout"));
    op(3, 4, get("a"), read(2, kv("a", "1", 2, 2, 1)));
    op(5, 6, get("a"), read(2, kv("a", "2", 2, 2, 1)));
    rejected("replay");
  }

  @Test
  void acceptsAnUnknownWriteThatNeverHappened() {
    op(0, 1, put("a", "1"), new Unknown("timeout"));
    op(2, 3, put("a", "2"), written(2));
    op(4, 5, get("a"), read(2, kv("a", "2", 2, 2, 1)));
    accepted();
  }

  @Test
  void acceptsAnUnknownWriteThatHappenedLongAfterItTimedOut() {
    op(0, 1, put("a", "1"), new Unknown("timeout"));
    op(2, 3, put("a", "2"), written(2));
    op(4, 5, get("a"), read(3, kv("a", "1", 2, 3, 2)));
    accepted();
  }

  @Test
  void rejectsAnUnknownWriteThatHappenedBeforeItsCall() {
    op(0, 1, put("b", "1"), written(3));
    op(2, 3, put("a", "2"), new Unknown("timeout"));
    op(4, 5, get("a"), read(3, kv("a", "2", 2, 2, 1)));
    rejected("replay");
  }

  @Test
  void searchesWhichUnknownWritesFillTheGaps() {
    op(0, 1, put("a", "1"), new Unknown("timeout"));
    op(0, 1, delete("a"), new Unknown("timeout"));
    op(0, 1, put("a", "2"), new Unknown("timeout"));
    op(0, 1, put("a", "3"), new Unknown("timeout"));
    // Only put, delete, put, put in this order leaves version 2 and mod revision 5.
    op(10, 11, get("a"), read(5, kv("a", "3", 4, 5, 2)));
    accepted();
  }

  @Test
  void rejectsGapsThatNoSetOfUnknownWritesFills() {
    op(0, 1, put("a", "1"), new Unknown("timeout"));
    op(0, 1, put("a", "2"), new Unknown("timeout"));
    op(10, 11, get("a"), read(5, kv("a", "2", 2, 5, 4)));
    rejected("replay");
  }

  @Test
  void copesWithManyUnknownWritesOfFewKeys() {
    var random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
    var model = KeySpace.EMPTY;
    int time = 0;
    for (int i = 0; i < 400; i++) {
      time += 2;
      var key = "k" + random.nextInt(4);
      Request write = random.nextInt(5) == 0 ? delete(key) : put(key, "v" + i);
      if (random.nextInt(3) == 0) {
        if (random.nextBoolean()) {
          model = model.carryOut(write, null).after();
        }
        op(time, time + 50, write, new Unknown("timeout"));
      } else if (random.nextInt(4) > 0) {
        var effect = model.carryOut(write, null);
        model = effect.after();
        op(time, time + 1, write, new Answered(model.revision(), effect.answer()));
      } else {
        Request read = range("k", "l");
        op(
            time,
            time + 1,
            read,
            new Answered(model.revision(), model.carryOut(read, null).answer()));
      }
    }
    accepted();
  }

  @Test
  void checksTransactionsAgainstWhatTheyCompared() {
    var swap =
        new Request.Txn(
            List.of(compareMod("a", 2)),
            List.of(new Request.Put("a", "2", false)),
            List.of(new Request.Range("a", null, 0, 0, false)));
    op(0, 1, put("a", "1"), written(2));
    op(2, 3, swap, new Answered(3, new Answer.Txn(true, List.of(new Answer.Put(null)))));
    op(4, 5, swap, new Answered(3, new Answer.Txn(false, List.of(range(kv("a", "2", 2, 3, 2))))));
    accepted();
  }

  @Test
  void rejectsTwoSwapsThatBothWon() {
    op(0, 1, put("a", "1"), written(2));
    for (int i = 0; i < 2; i++) {
      op(
          2,
          9,
          new Request.Txn(
              List.of(compareMod("a", 2)),
              List.of(new Request.Put("a", "x" + i, false)),
              List.of()),
          new Answered(3 + i, new Answer.Txn(true, List.of(new Answer.Put(null)))));
    }
    rejected("replay");
  }

  @Test
  void checksPreviousValues() {
    op(0, 1, put("a", "1"), written(2));
    op(
        2,
        3,
        new Request.Put("a", "2", true),
        new Answered(3, new Answer.Put(kv("a", "other", 2, 2, 1))));
    rejected("replay");
  }

  @Test
  void checksRangesAtOldRevisions() {
    op(0, 1, put("a", "1"), written(2));
    op(2, 3, put("b", "2"), written(3));
    op(
        4,
        5,
        new Request.Range("a", "z", 2, 0, false),
        new Answered(3, range(kv("a", "1", 2, 2, 1))));
    accepted();
    op(
        6,
        7,
        new Request.Range("a", "z", 2, 0, false),
        new Answered(3, range(kv("a", "1", 2, 2, 1), kv("b", "2", 3, 3, 1))));
    rejected("replay");
  }

  @Test
  void checksLimits() {
    op(0, 1, put("a", "1"), written(2));
    op(2, 3, put("b", "2"), written(3));
    op(
        4,
        5,
        new Request.Range("a", "z", 0, 1, false),
        new Answered(3, new Answer.Range(List.of(kv("a", "1", 2, 2, 1)), 2, true)));
    accepted();
  }

  @Test
  void acceptsRefusalsThatHaveAReason() {
    op(0, 1, put("a", "1"), written(2));
    op(2, 3, put("a", "2"), written(3));
    op(4, 5, new Request.Compact(3), new Answered(3, new Answer.Compact()));
    op(6, 7, new Request.Compact(2), new Rejected(Refusal.COMPACTED));
    op(6, 7, new Request.Range("a", null, 2, 0, false), new Rejected(Refusal.COMPACTED));
    op(6, 7, new Request.Range("a", null, 4, 0, false), new Rejected(Refusal.FUTURE_REVISION));
    accepted();
  }

  @Test
  void rejectsARefusalWithoutACompaction() {
    op(0, 1, put("a", "1"), written(2));
    op(2, 3, new Request.Range("a", null, 1, 0, false), new Rejected(Refusal.COMPACTED));
    rejected("refusal");
  }

  @Test
  void rejectsAFutureRevisionThatIsAlreadyPast() {
    op(0, 1, put("a", "1"), written(2));
    op(2, 3, new Request.Range("a", null, 2, 0, false), new Rejected(Refusal.FUTURE_REVISION));
    rejected("refusal");
  }

  @Test
  void rejectsAnAnswerAtACompactedRevision() {
    op(0, 1, put("a", "1"), written(2));
    op(2, 3, put("a", "2"), written(3));
    op(4, 5, new Request.Compact(3), new Answered(3, new Answer.Compact()));
    op(
        6,
        7,
        new Request.Range("a", null, 2, 0, false),
        new Answered(3, range(kv("a", "1", 2, 2, 1))));
    rejected("refusal");
  }

  @Test
  void aClaimedOrderIsTriedFirstButNotBelieved() {
    op(0, 1, put("a", "1"), new Unknown("lost"));
    op(0, 1, put("a", "2"), new Unknown("lost"));
    op(2, 3, get("a"), read(2, kv("a", "2", 2, 2, 1)));
    Linearizability.check(history, List.of(put("a", "2")));
    Linearizability.check(history, List.of(put("a", "1")));
    Linearizability.check(history, List.of(put("b", "of nobody")));
  }

  @Test
  void aClaimThatExplainsAnAnswerIsNoOperation() {
    op(0, 1, put("a", "1"), new Unknown("lost"));
    op(2, 3, get("a"), read(2, kv("a", "2", 2, 2, 1)));
    assertThrows(Violation.class, () -> Linearizability.check(history, List.of(put("a", "2"))));
  }

  private void op(long called, long returned, Request request, Result result) {
    history.add(
        new Operation(
            history.size(),
            "client",
            called,
            result instanceof Unknown ? Long.MAX_VALUE : returned,
            request,
            result));
  }

  private void accepted() {
    Linearizability.check(history);
  }

  private void rejected(String check) {
    var violation = assertThrows(Violation.class, () -> Linearizability.check(history));
    assertEquals(check, violation.check(), violation.getMessage());
  }

  private static Request put(String key, String value) {
    return new Request.Put(key, value, false);
  }

  private static Request delete(String key) {
    return new Request.DeleteRange(key, null, false);
  }

  private static Request get(String key) {
    return new Request.Range(key, null, 0, 0, false);
  }

  private static Request range(String key, String end) {
    return new Request.Range(key, end, 0, 0, false);
  }

  private static Request serializable(String key) {
    return new Request.Range(key, null, 0, 0, true);
  }

  private static Request.Compare compareMod(String key, long mod) {
    return new Request.Compare(key, Request.Target.MOD, Request.Relation.EQUAL, mod, null);
  }

  private static Result written(long revision) {
    return new Answered(revision, new Answer.Put(null));
  }

  private static Result deleted(long revision, long count) {
    return new Answered(revision, new Answer.DeleteRange(count, List.of()));
  }

  private static Result read(long revision, Kv... kvs) {
    return new Answered(revision, range(kvs));
  }

  private static Answer range(Kv... kvs) {
    return new Answer.Range(List.of(kvs), kvs.length, false);
  }

  private static Kv kv(String key, String value, long create, long mod, long version) {
    return new Kv(key, value, create, mod, version);
  }
}
