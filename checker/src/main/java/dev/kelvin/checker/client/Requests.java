package dev.kelvin.checker.client;

import dev.kelvin.checker.Answer;
import dev.kelvin.checker.Kv;
import dev.kelvin.checker.Operation;
import dev.kelvin.checker.Operation.Answered;
import dev.kelvin.checker.Request;
import dev.kelvin.checker.Request.Relation;
import dev.kelvin.checker.Request.Target;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/** What clients ask for in one round: a random mix over a few keys that no other round has. */
public final class Requests {
  private static final int KEYS = 8;

  private final String prefix;
  private final String padding;
  private final boolean serializable;

  /** What clients know of keys: gives transactions a chance to win. */
  private final Map<String, Kv> known = new ConcurrentHashMap<>();

  /**
   * @param prefix of the round's keys, and of no other's
   * @param padding what every value ends with
   * @param serializable whether to ask for serializable reads too
   */
  public Requests(String prefix, String padding, boolean serializable) {
    this.prefix = prefix;
    this.padding = padding;
    this.serializable = serializable;
  }

  /** What the keys of the round begin with. */
  public String prefix() {
    return prefix;
  }

  /** A linearizable read of all keys of the round. */
  public Request.Range everything() {
    return everything(false);
  }

  private Request.Range everything(boolean late) {
    int last = prefix.length() - 1;
    var end = prefix.substring(0, last) + (char) (prefix.charAt(last) + 1);
    return new Request.Range(prefix, end, 0, 0, late);
  }

  /**
   * @param id no other request has it
   */
  Request next(RandomGenerator random, int id) {
    int die = random.nextInt(100);
    var key = prefix + (char) ('a' + random.nextInt(KEYS));
    if (die < 36) {
      return new Request.Put(key, value(id), random.nextInt(3) == 0);
    } else if (die < 52) {
      return new Request.Range(key, null, 0, 0, false);
    } else if (die < 60) {
      return everything();
    } else if (die < 66) {
      return random.nextBoolean()
          ? everything(serializable)
          : new Request.Range(key, null, 0, 0, serializable);
    } else if (die < 74) {
      return new Request.DeleteRange(key, null, random.nextBoolean());
    } else {
      return txn(random, key, value(id));
    }
  }

  private Request txn(RandomGenerator random, String key, String value) {
    var kv = known.get(key);
    var get = new Request.Range(key, null, 0, 0, false);
    return switch (random.nextInt(4)) {
      case 0 ->
          new Request.Txn(
              List.of(new Request.Compare(key, Target.CREATE, Relation.EQUAL, 0, null)),
              List.of(new Request.Put(key, value, false)),
              List.of(get));
      case 1 ->
          new Request.Txn(
              List.of(
                  new Request.Compare(
                      key, Target.VALUE, Relation.EQUAL, 0, kv == null ? "" : kv.value())),
              List.of(new Request.Put(key, value, true)),
              List.of(get));
      default ->
          new Request.Txn(
              List.of(
                  new Request.Compare(
                      key, Target.MOD, Relation.EQUAL, kv == null ? 0 : kv.mod(), null)),
              List.of(new Request.Put(key, value, false)),
              List.of(get));
    };
  }

  private String value(int id) {
    return "v" + id + padding;
  }

  /** The same request for another try; what it puts is told apart from what the first try put. */
  Request again(Request request, int id) {
    return switch (request) {
      case Request.Put put -> new Request.Put(put.key(), value(id), put.prevKv());
      case Request.Txn txn ->
          new Request.Txn(
              txn.compares(),
              txn.success().stream().map(step -> (Request.Step) again(step, id)).toList(),
              txn.failure());
      default -> request;
    };
  }

  /** Learns from an answer, as a client would. */
  void learn(Operation op) {
    if (!(op.result() instanceof Answered(long at, Answer answer))) {
      return;
    }
    switch (op.request()) {
      case Request.Put put -> known.put(put.key(), new Kv(put.key(), put.value(), 0, at, 0));
      case Request.Range range when !range.serializable() ->
          ((Answer.Range) answer).kvs().forEach(kv -> known.put(kv.key(), kv));
      case Request.DeleteRange delete -> known.remove(delete.key());
      default -> {}
    }
  }
}
