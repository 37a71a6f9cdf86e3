package dev.kelvin.sim;

import dev.kelvin.checker.Answer;
import dev.kelvin.checker.Kv;
import dev.kelvin.checker.Operation;
import dev.kelvin.checker.Operation.Answered;
import dev.kelvin.checker.Request;
import dev.kelvin.checker.Request.Relation;
import dev.kelvin.checker.Request.Target;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * What clients ask for: a random mix over few keys, so that requests meet, with reads of everything
 * often enough to pin down what writes of unknown outcome did.
 */
final class Requests {
  private static final int KEYS = 12;
  private static final String FIRST = "k";
  private static final String BEHIND = "l";

  private final RandomGenerator random;

  /** What clients know of keys, the seed of transactions with a chance to win. */
  private final Map<String, Kv> known = new HashMap<>();

  private long revision = 1;

  Requests(RandomGenerator random) {
    this.random = random;
  }

  /** Everything, linearizable: what a history must end with. */
  static Request.Range everything() {
    return new Request.Range(FIRST, BEHIND, 0, 0, false);
  }

  /**
   * @param value a value that no other request puts
   */
  Request next(String value) {
    int die = random.nextInt(100);
    if (die < 34) {
      return new Request.Put(key(), value, random.nextInt(3) == 0);
    } else if (die < 48) {
      return new Request.Range(key(), null, 0, 0, false);
    } else if (die < 56) {
      return everything();
    } else if (die < 62) {
      return new Request.Range(key(), null, 0, 0, true);
    } else if (die < 66) {
      return new Request.Range(FIRST, BEHIND, 0, 1 + random.nextInt(KEYS), true);
    } else if (die < 70) {
      return new Request.Range(FIRST, BEHIND, oldRevision(), 0, random.nextBoolean());
    } else if (die < 78) {
      return delete();
    } else if (die < 97) {
      return txn(value);
    } else {
      return new Request.Compact(Math.max(1, revision - random.nextInt(30)));
    }
  }

  /** Mostly still there, sometimes gone, sometimes yet to come. */
  private long oldRevision() {
    return Math.max(1, revision + 3 - random.nextInt(40));
  }

  private Request.DeleteRange delete() {
    if (random.nextInt(3) > 0) {
      return new Request.DeleteRange(key(), null, random.nextBoolean());
    }
    int from = random.nextInt(KEYS);
    return new Request.DeleteRange(
        name(from), name(from + 1 + random.nextInt(3)), random.nextBoolean());
  }

  private Request.Txn txn(String value) {
    var key = key();
    var kv = known.get(key);
    var get = new Request.Range(key, null, 0, 0, false);
    return switch (random.nextInt(5)) {
      case 0 ->
          new Request.Txn(
              List.of(compare(key, Target.CREATE, Relation.EQUAL, 0)),
              List.of(new Request.Put(key, value, false)),
              List.of(get));
      case 1 ->
          new Request.Txn(
              List.of(compare(key, Target.VERSION, Relation.GREATER, random.nextInt(3))),
              List.of(new Request.DeleteRange(key, null, true)),
              List.of(new Request.Put(key, value, true)));
      case 2 ->
          new Request.Txn(
              List.of(
                  kv == null
                      ? compare(key, Target.MOD, Relation.LESS, revision)
                      : new Request.Compare(key, Target.VALUE, Relation.EQUAL, 0, kv.value())),
              List.of(new Request.Put(key, value, true), get),
              List.of(get));
      default ->
          new Request.Txn(
              List.of(compare(key, Target.MOD, Relation.EQUAL, kv == null ? 0 : kv.mod())),
              List.of(new Request.Put(key, value, false)),
              List.of(get));
    };
  }

  private static Request.Compare compare(
      String key, Target target, Relation relation, long number) {
    return new Request.Compare(key, target, relation, number, null);
  }

  private String key() {
    return name(random.nextInt(KEYS));
  }

  private static String name(int number) {
    return FIRST + (char) ('a' + number);
  }

  /** The same request for another try; what it puts is told apart from what the first try put. */
  static Request again(Request request, String value) {
    return switch (request) {
      case Request.Txn txn ->
          new Request.Txn(
              txn.compares(),
              txn.success().stream().map(step -> (Request.Step) again(step, value)).toList(),
              txn.failure().stream().map(step -> (Request.Step) again(step, value)).toList());
      case Request.Put put -> new Request.Put(put.key(), value, put.prevKv());
      default -> request;
    };
  }

  /** Learns from an answer, as a client would. */
  void learn(Operation op) {
    if (!(op.result() instanceof Answered(long at, Answer answer))) {
      return;
    }
    revision = Math.max(revision, at);
    switch (op.request()) {
      case Request.Put put -> known.put(put.key(), new Kv(put.key(), put.value(), 0, at, 0));
      case Request.Range range when range.revision() == 0 && !range.serializable() ->
          ((Answer.Range) answer).kvs().forEach(kv -> known.put(kv.key(), kv));
      default -> {}
    }
  }
}
