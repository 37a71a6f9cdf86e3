package dev.kelvin.checker.app;

import dev.kelvin.checker.Kv;
import dev.kelvin.checker.Operation;
import dev.kelvin.checker.Request;
import dev.kelvin.checker.Violation;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What is to be there of rounds that are over. */
final class EarlierRounds {
  private final Deque<Request.Range> rounds = new ArrayDeque<>();
  private final TreeMap<String, Kv> expected = new TreeMap<>();

  /** Keys of which a write has an unknown outcome: it may be carried out yet. */
  private final Set<String> undecided = new HashSet<>();

  /**
   * A round is over.
   *
   * @param keys all of the round; they come after those of earlier ones
   * @param found of them at its end
   */
  void add(Request.Range keys, List<Kv> found, List<Operation> history) {
    rounds.add(keys);
    found.forEach(kv -> expected.put(kv.key(), kv));
    history.stream()
        .filter(Operation::unknown)
        .forEach(
            op -> {
              switch (op.request()) {
                case Request.Put put -> undecided.add(put.key());
                case Request.DeleteRange delete -> undecided.add(delete.key());
                case Request.Txn txn -> txn.compares().forEach(c -> undecided.add(c.key()));
                case Request.Range ignored -> {}
                case Request.Compact ignored -> {}
              }
            });
  }

  int size() {
    return rounds.size();
  }

  /** The keys of the oldest round; null when there is none. */
  Request.Range oldest() {
    return rounds.peek();
  }

  /** The oldest round's keys are not there any more. */
  void forgetOldest() {
    var keys = rounds.remove();
    expected.subMap(keys.key(), keys.end()).clear();
    undecided.removeIf(key -> key.compareTo(keys.end()) < 0);
  }

  /**
   * Looks for what is to be there, and for nothing else.
   *
   * @param found all keys from the oldest round's first one on
   * @throws Violation when a key is not as it was, and no write of unknown outcome can be why
   */
  void compare(List<Kv> found) {
    var now = new TreeMap<String, Kv>();
    found.forEach(kv -> now.put(kv.key(), kv));
    var keys = new TreeSet<>(expected.keySet());
    keys.addAll(now.keySet());
    for (var key : keys) {
      var before = expected.get(key);
      var after = now.get(key);
      if (before == null ? after == null : before.equals(after)) {
        continue;
      }
      boolean older = before != null && after != null && after.mod() < before.mod();
      if (older || !undecided.contains(key)) {
        throw new Violation(
            "lost write",
            "a key of an earlier round is not as it was: "
                + (before == null ? "not there" : before)
                + " -> "
                + (after == null ? "not there" : after));
      }
      if (after == null) {
        expected.remove(key);
      } else {
        expected.put(key, after);
      }
    }
  }
}
