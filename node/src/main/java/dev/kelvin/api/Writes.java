package dev.kelvin.api;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * Keys that one branch of a transaction may put and delete. A key must not be put twice, nor put
 * and deleted, on any path through the transaction; the branches of a nested transaction exclude
 * each other.
 *
 * <p>Stricter than etcd's {@code checkIntervals} in two corners that etcd overlooks, both of which
 * would write one key twice at one revision: a deletion without end ({@code range_end = "\0"}), and
 * a nested put followed by a sibling's nested deletion.
 */
final class Writes {
  private static final Comparator<ByteString> ORDER =
      ByteString.unsignedLexicographicalComparator();

  private final Set<ByteString> puts = new HashSet<>();

  /** Deleted ranges by their begin, disjoint; an empty end means no end. */
  private final TreeMap<ByteString, ByteString> deletes = new TreeMap<>(ORDER);

  /** Returns null if operations clash. */
  static Writes of(List<RequestOp> ops) {
    var writes = new Writes();
    for (var op : ops) {
      if (op.hasRequestDeleteRange()) {
        writes.delete(op.getRequestDeleteRange());
      }
    }
    for (var op : ops) {
      if (op.hasRequestTxn()
          && !writes.nest(
              op.getRequestTxn().getSuccessList(), op.getRequestTxn().getFailureList())) {
        return null;
      }
    }
    for (var op : ops) {
      if (op.hasRequestPut()) {
        var key = op.getRequestPut().getKey();
        if (writes.deleted(key) || !writes.puts.add(key)) {
          return null;
        }
      }
    }
    return writes;
  }

  private boolean nest(List<RequestOp> success, List<RequestOp> failure) {
    var then = of(success);
    var otherwise = of(failure);
    if (then == null || otherwise == null || clashes(then) || clashes(otherwise)) {
      return false;
    }
    puts.addAll(then.puts);
    puts.addAll(otherwise.puts);
    then.deletes.forEach(this::delete);
    otherwise.deletes.forEach(this::delete);
    return true;
  }

  private boolean clashes(Writes nested) {
    for (var key : nested.puts) {
      if (puts.contains(key) || deleted(key)) {
        return true;
      }
    }
    if (!nested.deletes.isEmpty()) {
      for (var key : puts) {
        if (nested.deleted(key)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean deleted(ByteString key) {
    var at = deletes.floorEntry(key);
    return at != null && (at.getValue().isEmpty() || ORDER.compare(key, at.getValue()) < 0);
  }

  private void delete(DeleteRangeRequest request) {
    var key = request.getKey();
    var end = request.getRangeEnd();
    if (end.isEmpty()) {
      delete(key, key.concat(ByteString.copyFrom(new byte[1])));
    } else if (Checks.unbounded(end)) {
      delete(key, ByteString.EMPTY);
    } else if (ORDER.compare(key, end) < 0) {
      delete(key, end);
    }
  }

  private void delete(ByteString begin, ByteString end) {
    var before = deletes.floorEntry(begin);
    if (before != null && reaches(before.getValue(), begin)) {
      begin = before.getKey();
      end = later(before.getValue(), end);
    }
    for (var next = deletes.ceilingEntry(begin);
        next != null && reaches(end, next.getKey());
        next = deletes.ceilingEntry(begin)) {
      end = later(next.getValue(), end);
      deletes.remove(next.getKey());
    }
    deletes.put(begin, end);
  }

  private static boolean reaches(ByteString end, ByteString begin) {
    return end.isEmpty() || ORDER.compare(end, begin) >= 0;
  }

  private static ByteString later(ByteString a, ByteString b) {
    return a.isEmpty() || b.isEmpty() ? ByteString.EMPTY : ORDER.compare(a, b) > 0 ? a : b;
  }
}
