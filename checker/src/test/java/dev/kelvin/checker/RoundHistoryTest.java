package dev.kelvin.checker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.checker.Operation.Answered;
import dev.kelvin.checker.Operation.Result;
import dev.kelvin.checker.Operation.Unknown;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A round that began when the store was at revision 100. */
class RoundHistoryTest {
  private static final long BASE = 100;

  private final List<Operation> operations = new ArrayList<>();

  @Test
  void aRoundInOrderIsFine() {
    put("a", "v1", answered(101, new Answer.Put(null)));
    compareAndPut("a", 101, "v2", answered(102, succeeded()));
    read(answered(102, found(new Kv("a", "v2", 101, 102, 2))));
    assertEquals(0, check(0));
  }

  @Test
  void anAcknowledgedWriteThatNobodySeesIsAViolation() {
    put("a", "v1", answered(101, new Answer.Put(null)));
    read(answered(101, found()));
    assertThrows(Violation.class, () -> check(0));
  }

  @Test
  void aReadOlderThanTheRoundIsAViolationUnlessItMayBeLate() {
    read(answered(99, found()));
    assertThrows(Violation.class, () -> check(0));
    operations.clear();
    add(new Request.Range("a", "b", 0, 0, true), answered(99, found()));
    assertEquals(0, check(0));
  }

  @Test
  void aWriteOfUnknownOutcomeMayExplainARevisionOrBeYetToCome() {
    put("a", "v1", new Unknown(""));
    put("a", "v2", new Unknown(""));
    put("b", "v3", answered(102, new Answer.Put(null)));
    read(answered(102, found(new Kv("a", "v2", 101, 101, 1), new Kv("b", "v3", 102, 102, 1))));
    assertEquals(1, check(0));
  }

  @Test
  void aRevisionThatNobodyMadeIsAViolationUnlessAnEarlierRoundMayHave() {
    put("a", "v1", answered(102, new Answer.Put(null)));
    read(answered(102, found(new Kv("a", "v1", 102, 102, 1))));
    assertThrows(Violation.class, () -> check(0));
    assertEquals(-1, check(1));
  }

  @Test
  void whatAnEarlierRoundMayHaveDoneDoesNotExcuseALostWrite() {
    put("a", "v1", answered(102, new Answer.Put(null)));
    read(answered(102, found()));
    assertThrows(Violation.class, () -> check(5));
  }

  private long check(long late) {
    var history = new RoundHistory(BASE, operations, late);
    history.check();
    return history.undecided();
  }

  private void put(String key, String value, Result result) {
    add(new Request.Put(key, value, false), result);
  }

  private void compareAndPut(String key, long mod, String value, Result result) {
    add(
        new Request.Txn(
            List.of(
                new Request.Compare(key, Request.Target.MOD, Request.Relation.EQUAL, mod, null)),
            List.of(new Request.Put(key, value, false)),
            List.of()),
        result);
  }

  private void read(Result result) {
    add(new Request.Range("a", "z", 0, 0, false), result);
  }

  private void add(Request request, Result result) {
    int id = operations.size();
    long returned = result instanceof Unknown ? Long.MAX_VALUE : 10 * id + 5;
    operations.add(new Operation(id, "c", 10 * id, returned, request, result));
  }

  private static Result answered(long revision, Answer answer) {
    return new Answered(revision, answer);
  }

  private static Answer succeeded() {
    return new Answer.Txn(true, List.of(new Answer.Put(null)));
  }

  private static Answer found(Kv... kvs) {
    return new Answer.Range(List.of(kvs), kvs.length, false);
  }
}
