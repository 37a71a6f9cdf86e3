package dev.kelvin.sim.checker;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Replays a history in the order of its revisions and compares every answer with the model's. A
 * revision that no answered write made must have been made by a write of unknown outcome: which one
 * is searched for, depth first.
 */
final class Replay {
  /** Candidates tried before the search gives up; a history that needs more is badly designed. */
  private static final int MAX_STEPS = 1_000_000;

  private record Dead(long revision, KeySpace state, BitSet used) {}

  private final Map<Long, Anchored> writes = new HashMap<>();
  private final Map<Long, List<Anchored>> reads = new HashMap<>();
  private final List<Operation> unknown;
  private final long[] earliest;
  private final Evidence evidence;
  private final List<Request> likeness;
  private final KeySpace[] states;
  private final BitSet used = new BitSet();
  private final Set<Dead> dead = new HashSet<>();
  private final int last;
  private int steps;
  private long deepest;
  private String reason = "";

  Replay(List<Operation> history, List<Anchored> answered, RealTime realTime) {
    long highest = 1;
    for (var op : answered) {
      highest = Math.max(highest, op.revision());
      if (!op.writes()) {
        reads.computeIfAbsent(op.revision(), r -> new ArrayList<>()).add(op);
        continue;
      }
      var other = writes.put(op.revision(), op);
      if (other != null) {
        throw new Violation(
            "replay",
            "two writes made revision " + op.revision() + ":\n  " + other.op() + "\n  " + op.op());
      }
    }
    last = Math.toIntExact(highest);
    states = new KeySpace[last + 1];
    // What was called last is the likeliest to have happened next.
    unknown =
        history.stream()
            .filter(op -> op.unknown() && writes(op.request()))
            .sorted(Comparator.comparingLong(Operation::called).reversed())
            .toList();
    earliest = unknown.stream().mapToLong(op -> realTime.knownBefore(op.called()) + 1).toArray();
    evidence = new Evidence(history, answered);
    likeness = unknown.stream().map(op -> evidence.likeness(op.request())).toList();
  }

  void check() {
    states[1] = KeySpace.EMPTY;
    if (!readsFit(1) || !from(2)) {
      throw new Violation("replay", reason);
    }
  }

  /** Whether the history can be explained from a revision on, given all before it. */
  private boolean from(int revision) {
    for (int r = revision; r <= last; r++) {
      var write = writes.get((long) r);
      if (write == null) {
        return gap(r);
      }
      if (!place(r, write.op(), write.answer()) || !readsFit(r)) {
        return false;
      }
    }
    return true;
  }

  private boolean gap(int revision) {
    var here = new Dead(revision, states[revision - 1], (BitSet) used.clone());
    if (dead.contains(here)) {
      return false;
    }
    var tried = new HashSet<Request>();
    for (int i = 0; i < unknown.size(); i++) {
      if (used.get(i)
          || earliest[i] > revision
          || !evidence.allows(unknown.get(i).request(), revision)
          || !tried.add(likeness.get(i))) {
        continue;
      }
      if (++steps > MAX_STEPS) {
        throw new Violation("replay", "undecided after " + MAX_STEPS + " steps; so far: " + reason);
      }
      used.set(i);
      if (place(revision, unknown.get(i), null) && readsFit(revision) && from(revision + 1)) {
        return true;
      }
      used.clear(i);
    }
    dead.add(here);
    return fail(revision, "no operation can have made revision " + revision + around(revision));
  }

  private boolean place(int revision, Operation op, Answer answer) {
    var effect = states[revision - 1].carryOut(op.request(), this::past);
    if (effect.after().revision() != revision) {
      return fail(revision, "it would change nothing at revision " + revision + ":\n  " + op);
    }
    for (var change : effect.after().changesSince(states[revision - 1]).entrySet()) {
      if (!evidence.allowsChange(change.getKey(), change.getValue() == null, revision)) {
        return fail(
            revision,
            "others saw no change of "
                + change.getKey()
                + " at revision "
                + revision
                + ":\n  "
                + op);
      }
    }
    states[revision] = effect.after();
    return answer == null || fits(revision, op, answer, effect.answer());
  }

  private boolean readsFit(int revision) {
    for (var read : reads.getOrDefault((long) revision, List.of())) {
      var effect = states[revision].carryOut(read.op().request(), this::past);
      if (effect.after() != states[revision]) {
        return fail(
            revision, "it should have changed something at " + revision + ":\n  " + read.op());
      }
      if (!fits(revision, read.op(), read.answer(), effect.answer())) {
        return false;
      }
    }
    return true;
  }

  private boolean fits(int revision, Operation op, Answer actual, Answer expected) {
    return actual.equals(expected)
        || fail(
            revision,
            "wrong answer at revision " + revision + ":\n  " + op + "\n  expected " + expected);
  }

  private KeySpace past(long revision) {
    return states[Math.toIntExact(revision)];
  }

  /** Remembers why the search got no further than the furthest it got. */
  private boolean fail(long revision, String why) {
    if (revision > deepest) {
      deepest = revision;
      reason = why;
    }
    return false;
  }

  private String around(long revision) {
    var before = writes.get(revision - 1);
    var after = writes.get(revision + 1);
    return (before == null ? "" : "\n  before: " + before.op())
        + (after == null ? "" : "\n  after: " + after.op());
  }

  private static boolean writes(Request request) {
    return switch (request) {
      case Request.Put ignored -> true;
      case Request.DeleteRange ignored -> true;
      case Request.Range ignored -> false;
      case Request.Compact ignored -> false;
      case Request.Txn txn ->
          txn.success().stream().anyMatch(Replay::writes)
              || txn.failure().stream().anyMatch(Replay::writes);
    };
  }
}
