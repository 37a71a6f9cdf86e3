package dev.kelvin.store;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest.SortOrder;
import dev.kelvin.proto.etcdserverpb.RangeRequest.SortTarget;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;
import dev.kelvin.proto.mvccpb.KeyValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Range requests, with all their options, on any view of the store. */
final class Ranges {
  private Ranges() {}

  private record Found(byte[] key, Version version) {}

  /** Why a revision cannot be read; null when it can. */
  static StoreError check(long revision, long current, long compacted) {
    if (revision <= 0) {
      return null;
    }
    if (revision > current) {
      return StoreError.FUTURE_REVISION;
    }
    return revision < compacted ? StoreError.COMPACTED : null;
  }

  /**
   * @param current revision that a request for none means, and that the answer's header says
   * @param stored newest revision of which the view knows history; above it only the newest
   *     versions are known, which then are what was asked for
   */
  static RangeResponse range(View view, RangeRequest request, long current, long stored) {
    boolean plain = plain(request);
    long limit = request.getLimit() > 0 ? request.getLimit() : Long.MAX_VALUE;
    var found = new ArrayList<Found>();
    var total = new long[1];
    View.Visitor visitor =
        (key, version) -> {
          total[0]++;
          if (!request.getCountOnly()
              && (!plain || found.size() < limit)
              && passes(request, version)) {
            found.add(new Found(key, version));
          }
          return true;
        };
    var keys = KeyRange.of(request.getKey(), request.getRangeEnd());
    long revision = request.getRevision();
    if (revision > 0 && revision < stored) {
      view.asOf(keys, revision, visitor);
    } else if (KeyRange.single(request.getRangeEnd())) {
      var version = view.newest(keys.from());
      if (version != null) {
        visitor.visit(keys.from(), version);
      }
    } else {
      view.newest(keys, visitor);
    }
    var response =
        RangeResponse.newBuilder()
            .setHeader(ResponseHeader.newBuilder().setRevision(current))
            .setCount(total[0]);
    if (!request.getCountOnly()) {
      response.setMore(plain ? total[0] > limit : found.size() > limit);
      for (var kv : sorted(view, request, found, limit)) {
        response.addKvs(kv);
      }
    }
    return response.build();
  }

  /** Whether the first keys in their own order are the answer. */
  private static boolean plain(RangeRequest r) {
    boolean ordered = r.getSortTarget() == SortTarget.KEY && r.getSortOrder() != SortOrder.DESCEND;
    return ordered
        && r.getMinModRevision() == 0
        && r.getMaxModRevision() == 0
        && r.getMinCreateRevision() == 0
        && r.getMaxCreateRevision() == 0;
  }

  static boolean passes(RangeRequest r, Version v) {
    return (r.getMaxModRevision() == 0 || v.mod() <= r.getMaxModRevision())
        && (r.getMinModRevision() == 0 || v.mod() >= r.getMinModRevision())
        && (r.getMaxCreateRevision() == 0 || v.create() <= r.getMaxCreateRevision())
        && (r.getMinCreateRevision() == 0 || v.create() >= r.getMinCreateRevision());
  }

  private static List<KeyValue> sorted(
      View view, RangeRequest request, List<Found> found, long limit) {
    boolean descending = request.getSortOrder() == SortOrder.DESCEND;
    Comparator<Found> order =
        switch (request.getSortTarget()) {
          case VERSION -> Comparator.comparingLong(f -> f.version.version());
          case CREATE -> Comparator.comparingLong(f -> f.version.create());
          case MOD -> Comparator.comparingLong(f -> f.version.mod());
          default -> null;
        };
    if (request.getSortTarget() == SortTarget.VALUE) {
      var all = new ArrayList<KeyValue>();
      for (var f : found) {
        all.add(keyValue(view, f, false));
      }
      Comparator<KeyValue> byValue =
          Comparator.comparing(KeyValue::getValue, ByteString.unsignedLexicographicalComparator());
      all.sort(descending ? byValue.reversed() : byValue);
      return cut(all, limit).stream()
          .map(kv -> request.getKeysOnly() ? kv.toBuilder().clearValue().build() : kv)
          .toList();
    }
    List<Found> ordered = found;
    if (order != null) {
      ordered.sort(descending ? order.reversed() : order);
    } else if (descending) {
      ordered = found.reversed();
    }
    var answer = new ArrayList<KeyValue>();
    for (var f : cut(ordered, limit)) {
      answer.add(keyValue(view, f, request.getKeysOnly()));
    }
    return answer;
  }

  private static <T> List<T> cut(List<T> list, long limit) {
    return list.size() > limit ? list.subList(0, (int) limit) : list;
  }

  private static KeyValue keyValue(View view, Found found, boolean keyOnly) {
    var v = found.version;
    if (!keyOnly) {
      return view.event(v.mod(), v.sub()).keyValue(v.mod());
    }
    return KeyValue.newBuilder()
        .setKey(com.google.protobuf.UnsafeByteOperations.unsafeWrap(found.key))
        .setCreateRevision(v.create())
        .setModRevision(v.mod())
        .setVersion(v.version())
        .setLease(v.lease())
        .build();
  }
}
