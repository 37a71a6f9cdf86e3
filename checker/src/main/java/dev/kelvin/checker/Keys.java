package dev.kelvin.checker;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * Sets of a history's keys, as bits; keys beyond the 64th share bits, so that a set may be too
 * large, never too small.
 */
final class Keys {
  static final long NONE = 0;
  static final long ALL = -1;

  private final TreeMap<String, Long> bits = new TreeMap<>();

  Keys(List<Operation> history) {
    for (var op : history) {
      note(op.request());
    }
    for (var op : history) {
      if (op.result() instanceof Operation.Answered(long revision, Answer answer)) {
        note(answer);
      }
    }
  }

  private void note(String key) {
    bits.putIfAbsent(key, 1L << (bits.size() % 64));
  }

  private void note(Request request) {
    switch (request) {
      case Request.Put put -> note(put.key());
      case Request.Range range -> note(range.key());
      case Request.DeleteRange delete -> note(delete.key());
      case Request.Compact ignored -> {}
      case Request.Txn txn -> {
        txn.compares().forEach(compare -> note(compare.key()));
        txn.success().forEach(this::note);
        txn.failure().forEach(this::note);
      }
    }
  }

  private void note(Answer answer) {
    if (answer instanceof Answer.Range range) {
      range.kvs().forEach(kv -> note(kv.key()));
    }
  }

  long of(String key) {
    return bits.getOrDefault(key, ALL);
  }

  /** Names of the keys in a range. */
  List<String> names(Request.Range range) {
    return range.end() == null
        ? List.of(range.key())
        : List.copyOf(bits.subMap(range.key(), true, range.end(), false).keySet());
  }

  /** Keys that a request may put. */
  long putBy(Request request) {
    return switch (request) {
      case Request.Put put -> of(put.key());
      case Request.Txn txn -> either(txn, this::putBy);
      default -> NONE;
    };
  }

  /** Keys that a request may delete. */
  long deletedBy(Request request) {
    return switch (request) {
      case Request.DeleteRange delete -> of(delete);
      case Request.Txn txn -> either(txn, this::deletedBy);
      default -> NONE;
    };
  }

  private static long either(Request.Txn txn, ToLongFunction<Request> keys) {
    long all = NONE;
    for (var step : txn.success()) {
      all |= keys.applyAsLong(step);
    }
    for (var step : txn.failure()) {
      all |= keys.applyAsLong(step);
    }
    return all;
  }

  /** Names of the keys in a set. */
  List<String> names(long keys) {
    var names = new ArrayList<String>();
    bits.forEach(
        (key, bit) -> {
          if ((bit & keys) != NONE) {
            names.add(key);
          }
        });
    return names;
  }

  /** Keys that a request reads or writes. */
  long of(Request request) {
    return switch (request) {
      case Request.Put put -> of(put.key());
      case Request.Range range -> of(range.key(), range.end());
      case Request.DeleteRange delete -> of(delete.key(), delete.end());
      case Request.Compact ignored -> NONE;
      case Request.Txn txn -> {
        long keys = NONE;
        for (var compare : txn.compares()) {
          keys |= of(compare.key());
        }
        for (var step : txn.success()) {
          keys |= of(step);
        }
        for (var step : txn.failure()) {
          keys |= of(step);
        }
        yield keys;
      }
    };
  }

  private long of(String key, String end) {
    if (end == null) {
      return of(key);
    }
    long keys = NONE;
    for (long bit : bits.subMap(key, true, end, false).values()) {
      keys |= bit;
    }
    return keys;
  }

  /** Keys that make two answers to a request differ; all that it reads where that is not plain. */
  long thatDiffer(Request request, Answer one, Answer other) {
    if (!(one instanceof Answer.Range a && other instanceof Answer.Range b)
        || a.more()
        || b.more()) {
      return of(request);
    }
    long keys = NONE;
    for (var kv : a.kvs()) {
      keys |= b.kvs().contains(kv) ? NONE : of(kv.key());
    }
    for (var kv : b.kvs()) {
      keys |= a.kvs().contains(kv) ? NONE : of(kv.key());
    }
    return keys == NONE ? of(request) : keys;
  }
}
