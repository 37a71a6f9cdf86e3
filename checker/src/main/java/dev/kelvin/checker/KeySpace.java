package dev.kelvin.checker;

import dev.kelvin.checker.Request.Compare;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The key space at one revision, by the plainest reading of etcd's rules. Immutable; a request
 * gives its answer and the next key space.
 */
public final class KeySpace {
  public static final KeySpace EMPTY = new KeySpace(1, new TreeMap<>());

  /** What a request does: {@code after} is the same object when nothing changed. */
  public record Effect(Answer answer, KeySpace after) {}

  /** Key spaces at earlier revisions. */
  public interface Past {
    KeySpace at(long revision);
  }

  private final long revision;
  private final NavigableMap<String, Kv> keys;

  private KeySpace(long revision, NavigableMap<String, Kv> keys) {
    this.revision = revision;
    this.keys = keys;
  }

  public long revision() {
    return revision;
  }

  /** A key's newest version; null when there is none. */
  Kv get(String key) {
    return keys.get(key);
  }

  public Effect carryOut(Request request, Past past) {
    var next = new Next();
    var answer = next.answer(request, past);
    return new Effect(answer, next.changed ? new KeySpace(revision + 1, next.keys) : this);
  }

  /** Keys whose version differs from an earlier key space; null for deleted ones. */
  Map<String, Kv> changesSince(KeySpace before) {
    var changes = new HashMap<String, Kv>();
    keys.forEach(
        (key, kv) -> {
          if (!kv.equals(before.keys.get(key))) {
            changes.put(key, kv);
          }
        });
    for (var key : before.keys.keySet()) {
      if (!keys.containsKey(key)) {
        changes.put(key, null);
      }
    }
    return changes;
  }

  /** The key space being made by one request, whose parts see what earlier ones did. */
  private final class Next {
    private final TreeMap<String, Kv> keys = new TreeMap<>(KeySpace.this.keys);
    private boolean changed;

    private Answer answer(Request request, Past past) {
      return switch (request) {
        case Request.Put put -> put(put);
        case Request.Range range -> range(range, past);
        case Request.DeleteRange delete -> delete(delete);
        case Request.Compact ignored -> new Answer.Compact();
        case Request.Txn txn -> {
          boolean succeeded = txn.compares().stream().allMatch(this::holds);
          var answers = new ArrayList<Answer>();
          for (var step : succeeded ? txn.success() : txn.failure()) {
            answers.add(answer(step, past));
          }
          yield new Answer.Txn(succeeded, List.copyOf(answers));
        }
      };
    }

    private Answer put(Request.Put put) {
      changed = true;
      long mod = revision + 1;
      var old = keys.get(put.key());
      keys.put(
          put.key(),
          old == null
              ? new Kv(put.key(), put.value(), mod, mod, 1)
              : new Kv(put.key(), put.value(), old.create(), mod, old.version() + 1));
      return new Answer.Put(put.prevKv() ? old : null);
    }

    private Answer range(Request.Range range, Past past) {
      var source = range.revision() == 0 ? keys : past.at(range.revision()).keys;
      var found = List.copyOf(span(source, range.key(), range.end()).values());
      boolean more = range.limit() > 0 && found.size() > range.limit();
      return new Answer.Range(more ? found.subList(0, range.limit()) : found, found.size(), more);
    }

    private Answer delete(Request.DeleteRange delete) {
      var doomed = span(keys, delete.key(), delete.end());
      var previous = List.copyOf(doomed.values());
      doomed.clear();
      changed |= !previous.isEmpty();
      return new Answer.DeleteRange(previous.size(), delete.prevKv() ? previous : List.of());
    }

    private boolean holds(Compare compare) {
      var kv = keys.get(compare.key());
      int order;
      if (compare.target() == Request.Target.VALUE) {
        if (kv == null) {
          return false;
        }
        order = kv.value().compareTo(compare.value());
      } else {
        long actual =
            kv == null
                ? 0
                : switch (compare.target()) {
                  case VERSION -> kv.version();
                  case CREATE -> kv.create();
                  case MOD, VALUE -> kv.mod();
                };
        order = Long.compare(actual, compare.number());
      }
      return switch (compare.relation()) {
        case EQUAL -> order == 0;
        case NOT_EQUAL -> order != 0;
        case GREATER -> order > 0;
        case LESS -> order < 0;
      };
    }
  }

  private static SortedMap<String, Kv> span(NavigableMap<String, Kv> keys, String key, String end) {
    if (end == null) {
      return keys.subMap(key, true, key, true);
    }
    return key.compareTo(end) < 0 ? keys.subMap(key, true, end, false) : new TreeMap<>();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KeySpace that && revision == that.revision && keys.equals(that.keys);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(revision) * 31 + keys.hashCode();
  }

  @Override
  public String toString() {
    return "revision " + revision + " " + keys.values();
  }
}
