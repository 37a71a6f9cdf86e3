package dev.kelvin.checker;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the answers of a history say about revisions that nobody claims: a key seen at revision r,
 * created at c and modified at m, was written at m, not written after m up to r, and not deleted
 * after c up to r. That leaves a search little to try.
 */
final class Evidence {
  private final Map<String, BitSet> unwritten = new HashMap<>();
  private final Map<String, BitSet> undeleted = new HashMap<>();
  private final Map<String, Long> revisionOfValue = new HashMap<>();
  private final Map<Long, Set<String>> valuesAt = new HashMap<>();
  private final Set<String> comparedValues = new HashSet<>();
  private final Map<String, BitSet> absent = new HashMap<>();
  private final Keys keys;
  private final Set<Kv> seen = new LinkedHashSet<>();
  private boolean valuesOrdered;

  Evidence(List<Operation> history, List<Anchored> answered, Keys keys) {
    this.keys = keys;
    answered.forEach(op -> read(op.op().request(), op.answer(), op));
    for (var op : history) {
      if (op.request() instanceof Request.Txn txn) {
        for (var compare : txn.compares()) {
          if (compare.target() == Request.Target.VALUE) {
            comparedValues.add(compare.value());
            valuesOrdered |=
                compare.relation() == Request.Relation.LESS
                    || compare.relation() == Request.Relation.GREATER;
          }
        }
      }
    }
  }

  private void read(Request request, Answer answer, Anchored op) {
    // What a write shows was so before it: at the revision that the write followed.
    long at = op.writes() ? op.revision() - 1 : op.revision();
    switch (answer) {
      case Answer.Put put -> {
        if (put.previous() != null) {
          seen(put.previous(), at);
        }
      }
      case Answer.Range range -> {
        var asked = (Request.Range) request;
        long seenAt = asked.revision() == 0 ? at : Math.min(at, asked.revision());
        range.kvs().forEach(kv -> seen(kv, seenAt));
        if (!range.more()) {
          missed(asked, range, Math.toIntExact(seenAt));
        }
      }
      case Answer.DeleteRange delete -> delete.previous().forEach(kv -> seen(kv, at));
      case Answer.Compact ignored -> {}
      // Parts of a transaction may see what others of it wrote.
      case Answer.Txn txn -> seenIn(txn).forEach(kv -> seen(kv, Math.max(at, kv.mod())));
    }
  }

  private static List<Kv> seenIn(Answer.Txn txn) {
    var kvs = new ArrayList<Kv>();
    for (var answer : txn.answers()) {
      switch (answer) {
        case Answer.Put put when put.previous() != null -> kvs.add(put.previous());
        case Answer.Range range -> kvs.addAll(range.kvs());
        case Answer.DeleteRange delete -> kvs.addAll(delete.previous());
        default -> {}
      }
    }
    return kvs;
  }

  private void seen(Kv kv, long at) {
    seen.add(kv);
    revisionOfValue.put(kv.value(), kv.mod());
    valuesAt.computeIfAbsent(kv.mod(), r -> new HashSet<>()).add(kv.value());
    absent.computeIfAbsent(kv.key(), k -> new BitSet()).set(Math.toIntExact(kv.create()) - 1);
    span(unwritten, kv.key(), kv.mod() + 1, at);
    span(undeleted, kv.key(), kv.create() + 1, at);
  }

  private void missed(Request.Range request, Answer.Range answer, int at) {
    var there = answer.kvs().stream().map(Kv::key).toList();
    for (var key : keys.names(request)) {
      if (!there.contains(key)) {
        absent.computeIfAbsent(key, k -> new BitSet()).set(at);
      }
    }
  }

  private static void span(Map<String, BitSet> spans, String key, long from, long to) {
    if (from <= to) {
      spans
          .computeIfAbsent(key, k -> new BitSet())
          .set(Math.toIntExact(from), Math.toIntExact(to) + 1);
    }
  }

  /** Every version of a key that any answer shows. */
  List<Kv> seen() {
    return List.copyOf(seen);
  }

  /** Revisions at which a key was not there, as far as answers tell. */
  BitSet absent(String key) {
    return absent.getOrDefault(key, new BitSet());
  }

  /** Whether the write may have made that revision, as far as values seen can tell. */
  boolean allows(Request write, long revision) {
    for (var value : valuesOf(write)) {
      var made = revisionOfValue.get(value);
      if (made != null && made != revision) {
        return false;
      }
    }
    var there = valuesAt.get(revision);
    return there == null || valuesOf(write).containsAll(there);
  }

  boolean allowsChange(String key, boolean deleted, long revision) {
    int r = Math.toIntExact(revision);
    return !contains(unwritten, key, r) && !(deleted && contains(undeleted, key, r));
  }

  private static boolean contains(Map<String, BitSet> spans, String key, int revision) {
    var span = spans.get(key);
    return span != null && span.get(revision);
  }

  /** The same for writes that no answer of the history can tell apart. */
  Request likeness(Request write) {
    return write instanceof Request.Put put
            && !valuesOrdered
            && !comparedValues.contains(put.value())
            && !revisionOfValue.containsKey(put.value())
        ? new Request.Put(put.key(), "", false)
        : write;
  }

  private static List<String> valuesOf(Request request) {
    return switch (request) {
      case Request.Put put -> List.of(put.value());
      case Request.Txn txn -> {
        var values = new ArrayList<String>();
        txn.success().forEach(step -> values.addAll(valuesOf(step)));
        txn.failure().forEach(step -> values.addAll(valuesOf(step)));
        yield values;
      }
      default -> List.of();
    };
  }
}
