package dev.kelvin.checker;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Replays a history in the order of its revisions and compares every answer with the model's. A
 * revision that no answered write made must have been made by a write of unknown outcome: which one
 * is searched for, depth first.
 */
final class Replay {
  /** Candidates tried in one search. */
  private static final int MAX_STEPS = 20_000;

  private static final class OutOfSteps extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private record Dead(long revision, KeySpace state, BitSet used) {}

  private final Map<Long, Anchored> writes = new HashMap<>();
  private final Map<Long, List<Anchored>> reads = new HashMap<>();
  private final List<Operation> unknown;
  private final long[] earliest;
  private final Evidence evidence;
  private final List<Request> likeness;
  private final Lifetimes lifetimes;
  private final KeySpace[] states;
  private final BitSet used = new BitSet();
  private final Map<Dead, Long> dead = new HashMap<>();
  private final Keys keys;
  private final ClaimedOrder claimed;
  private final int last;
  private int attempt;
  private int steps;
  private long deepest;
  private String reason = "";

  Replay(
      List<Operation> history, List<Anchored> answered, RealTime realTime, ClaimedOrder claimed) {
    this.claimed = claimed;
    long highest = 1;
    for (var op : answered) {
      highest = Math.max(highest, op.revision());
      if (!op.writes()) {
        reads.computeIfAbsent(readAt(op), r -> new ArrayList<>()).add(op);
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
    keys = new Keys(history);
    evidence = new Evidence(history, answered, keys);
    likeness = unknown.stream().map(op -> evidence.likeness(op.request())).toList();
    lifetimes =
        new Lifetimes(
            keys,
            last,
            evidence,
            r -> writes.containsKey((long) r) ? writes.get((long) r).op().request() : null,
            r -> candidates(r).stream().map(i -> unknown.get(i).request()).toList());
  }

  /** A range at an old revision depends on that one, not on when it was asked for. */
  private static long readAt(Anchored read) {
    return read.op().request() instanceof Request.Range range && range.revision() > 0
        ? range.revision()
        : read.revision();
  }

  /**
   * Searches; where that takes long, begins again and breaks ties in another order.
   *
   * @param searches before giving up
   */
  void check(int searches) {
    states[1] = KeySpace.EMPTY;
    if (readsFit(1) != Keys.NONE) {
      throw new Violation("replay", reason);
    }
    for (int i = 0; i < searches; i++) {
      attempt = i;
      steps = 0;
      used.clear();
      try {
        if (from(2) != Keys.NONE) {
          throw new Violation("replay", reason);
        }
        return;
      } catch (OutOfSteps e) {
        // What was found hopeless stays so, whatever the order.
        continue;
      }
    }
    throw new Violation(
        Linearizability.UNDECIDED, "not decided by " + searches + " searches; so far: " + reason);
  }

  /**
   * Explains the history from a revision on, given all before it.
   *
   * @return {@link Keys#NONE} when that succeeded, otherwise the keys whose earlier writes are to
   *     blame: as long as those are the same, no other choice helps (conflict-directed backjumping;
   *     Prosser, "Hybrid algorithms for the constraint satisfaction problem", 1993)
   */
  private long from(int revision) {
    for (int r = revision; r <= last; r++) {
      var write = writes.get((long) r);
      if (write == null) {
        return gap(r);
      }
      long conflict = place(r, write.op(), write.answer());
      if (conflict != Keys.NONE) {
        return conflict;
      }
    }
    return Keys.NONE;
  }

  private long gap(int revision) {
    var here = new Dead(revision, states[revision - 1], (BitSet) used.clone());
    var known = dead.get(here);
    if (known != null) {
      return known;
    }
    var candidates = candidates(revision);
    long touched = Keys.NONE;
    for (int i : candidates) {
      touched |= keys.of(unknown.get(i).request());
    }
    long conflicts = touched;
    var tried = new HashSet<Request>();
    for (int i : likeliestFirst(revision, candidates)) {
      if (used.get(i) || !tried.add(likeness.get(i))) {
        continue;
      }
      if (++steps > MAX_STEPS) {
        throw new OutOfSteps();
      }
      used.set(i);
      long conflict = place(revision, unknown.get(i), null);
      if (conflict == Keys.NONE) {
        conflict = from(revision + 1);
        if (conflict == Keys.NONE) {
          return Keys.NONE;
        }
        if ((conflict & touched) == Keys.NONE) {
          used.clear(i);
          dead.put(here, conflict);
          return conflict;
        }
      }
      used.clear(i);
      conflicts |= conflict;
    }
    fail(revision, "no operation can have made revision " + revision + around(revision));
    // With nothing to try, nothing earlier is to blame: it is hopeless.
    dead.put(here, conflicts == Keys.NONE ? Keys.ALL : conflicts);
    return dead.get(here);
  }

  /** What may have made a revision, as far as that can be told without knowing the other gaps. */
  private List<Integer> candidates(int revision) {
    var candidates = new ArrayList<Integer>();
    for (int i = 0; i < unknown.size(); i++) {
      if (earliest[i] <= revision && evidence.allows(unknown.get(i).request(), revision)) {
        candidates.add(i);
      }
    }
    return candidates;
  }

  /**
   * First what is claimed; then what a key cannot do without for long: there a wrong choice shows
   * soonest.
   */
  private List<Integer> likeliestFirst(int revision, List<Integer> candidates) {
    var state = states[revision - 1];
    var slack = new HashMap<Integer, Integer>();
    for (int i : candidates) {
      int least = Integer.MAX_VALUE;
      for (var key : keys.names(keys.of(unknown.get(i).request()))) {
        least = Math.min(least, lifetimes.slack(state, key));
      }
      slack.put(i, least);
    }
    var sorted = new ArrayList<>(candidates);
    if (attempt > 0) {
      Collections.shuffle(sorted, new Random(attempt));
    }
    sorted.sort(
        Comparator.<Integer, Boolean>comparing(
                i -> !claimed.made(revision, unknown.get(i).request()))
            .thenComparing(slack::get));
    return sorted;
  }

  private long place(int revision, Operation op, Answer answer) {
    var before = states[revision - 1];
    var effect = before.carryOut(op.request(), this::past);
    if (effect.after().revision() != revision) {
      fail(revision, "it would change nothing at revision " + revision + ":\n  " + op);
      return keys.of(op.request());
    }
    for (var change : effect.after().changesSince(before).entrySet()) {
      if (!evidence.allowsChange(change.getKey(), change.getValue() == null, revision)) {
        fail(
            revision,
            "others saw no change of %s at revision %d:%n  %s"
                .formatted(change.getKey(), revision, op));
        return keys.of(op.request());
      }
    }
    states[revision] = effect.after();
    if (answer != null && !answer.equals(effect.answer())) {
      return differs(revision, op, answer, effect.answer());
    }
    long hopeless = lifetimes.hopeless(effect.after());
    if (hopeless != Keys.NONE) {
      fail(revision, "what was seen later cannot come of revision " + revision + ":\n  " + op);
      return hopeless;
    }
    return readsFit(revision);
  }

  private long readsFit(int revision) {
    for (var read : reads.getOrDefault((long) revision, List.of())) {
      var effect = states[revision].carryOut(read.op().request(), this::past);
      if (effect.after() != states[revision]) {
        fail(revision, "it should have changed something at " + revision + ":\n  " + read.op());
        return keys.of(read.op().request());
      }
      if (!read.answer().equals(effect.answer())) {
        return differs(revision, read.op(), read.answer(), effect.answer());
      }
    }
    return Keys.NONE;
  }

  private long differs(int revision, Operation op, Answer actual, Answer expected) {
    fail(
        revision,
        "wrong answer at revision " + revision + ":\n  " + op + "\n  expected " + expected);
    return keys.thatDiffer(op.request(), actual, expected);
  }

  private KeySpace past(long revision) {
    return states[Math.toIntExact(revision)];
  }

  /** Remembers why the search got no further than the furthest it got. */
  private void fail(long revision, String why) {
    if (revision > deepest) {
      deepest = revision;
      reason = why;
    }
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
