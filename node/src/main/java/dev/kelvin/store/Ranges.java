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

/** Carries out range requests on a {@link Source}, by etcd's rules. */
final class Ranges {
  private static final Comparator<ByteString> BYTES =
      ByteString.unsignedLexicographicalComparator();

  private Ranges() {}

  private record Row(ByteString key, Version version) {}

  /** Why a revision cannot be read, or null. A revision of 0 or less is the current one. */
  static StoreError refusal(Source source, long revision) {
    if (revision > source.revision()) {
      return StoreError.FUTURE_REVISION;
    }
    return revision > 0 && revision < source.compact() ? StoreError.COMPACTED : null;
  }

  static boolean single(ByteString rangeEnd) {
    return rangeEnd.isEmpty();
  }

  /** End of a range as {@link Source#scan} takes it: null for no end. */
  static ByteString end(ByteString rangeEnd) {
    return rangeEnd.size() == 1 && rangeEnd.byteAt(0) == 0 ? null : rangeEnd;
  }

  static Outcome run(Source source, RangeRequest request) {
    var refusal = refusal(source, request.getRevision());
    return refusal != null
        ? new Outcome.Failed(refusal)
        : new Outcome.Done(answer(source, request, source.revision()));
  }

  /**
   * Answers a range whose revision was checked.
   *
   * @param now current revision as the asker sees it: what the answer names, and what a request
   *     without revision reads
   */
  static RangeResponse answer(Source source, RangeRequest request, long now) {
    long revision = request.getRevision() > 0 ? request.getRevision() : now;
    boolean plain = !sorted(request) && !filtered(request);
    long limit = plain && request.getLimit() > 0 ? request.getLimit() : Long.MAX_VALUE;
    var rows = new ArrayList<Row>();
    long count = 0;
    if (single(request.getRangeEnd())) {
      var version = source.at(request.getKey(), revision);
      if (version != null) {
        count = 1;
        rows.add(new Row(request.getKey(), version));
      }
    } else {
      boolean collect = !request.getCountOnly();
      try (var scan = source.scan(request.getKey(), end(request.getRangeEnd()), revision)) {
        while (scan.next()) {
          // One more than asked for tells that there are more, and takes part in a later sort.
          if (collect && count <= limit) {
            rows.add(new Row(scan.key(), scan.version()));
          }
          count++;
        }
      }
    }
    var response =
        RangeResponse.newBuilder()
            .setHeader(ResponseHeader.newBuilder().setRevision(now))
            .setCount(count);
    if (!request.getCountOnly()) {
      fill(response, source, request, rows);
    }
    return response.build();
  }

  /** As {@link Reader#page}. */
  static Outcome page(Source source, RangeRequest request, long maxBytes) {
    var refusal = refusal(source, request.getRevision());
    if (refusal != null) {
      return new Outcome.Failed(refusal);
    }
    if (single(request.getRangeEnd())) {
      return run(source, request);
    }
    long now = source.revision();
    long revision = request.getRevision() > 0 ? request.getRevision() : now;
    long limit = request.getLimit() > 0 ? request.getLimit() : Long.MAX_VALUE;
    var response =
        RangeResponse.newBuilder().setHeader(ResponseHeader.newBuilder().setRevision(now));
    long bytes = 0;
    try (var scan = source.scan(request.getKey(), end(request.getRangeEnd()), revision)) {
      while (scan.next()) {
        if (bytes >= maxBytes || response.getKvsCount() == limit) {
          response.setMore(true);
          break;
        }
        var kv = kv(source, request, new Row(scan.key(), scan.version()));
        bytes += kv.getSerializedSize();
        response.addKvs(kv);
      }
    }
    return new Outcome.Done(response.build());
  }

  private static KeyValue kv(Source source, RangeRequest request, Row row) {
    return request.getKeysOnly()
        ? row.version.toKeyValue(row.key).toBuilder().clearValue().build()
        : source.withValue(row.version).toKeyValue(row.key);
  }

  private static void fill(
      RangeResponse.Builder response, Source source, RangeRequest request, List<Row> rows) {
    var kept =
        filtered(request)
            ? rows.stream().filter(row -> passes(request, row.version)).toList()
            : rows;
    boolean byValue = request.getSortTarget() == SortTarget.VALUE;
    if (byValue) {
      kept = kept.stream().map(row -> new Row(row.key, source.withValue(row.version))).toList();
    }
    var order = order(request);
    if (order != null) {
      kept = kept.stream().sorted(order).toList();
    }
    if (request.getLimit() > 0 && kept.size() > request.getLimit()) {
      kept = kept.subList(0, (int) request.getLimit());
      response.setMore(true);
    }
    for (var row : kept) {
      response.addKvs(kv(source, request, row));
    }
  }

  /** Whether an explicit order other than the natural one is asked for. */
  private static boolean sorted(RangeRequest request) {
    return request.getSortOrder() == SortOrder.DESCEND
        || request.getSortOrder() == SortOrder.ASCEND && request.getSortTarget() != SortTarget.KEY;
  }

  private static boolean filtered(RangeRequest request) {
    return request.getMinModRevision() != 0
        || request.getMaxModRevision() != 0
        || request.getMinCreateRevision() != 0
        || request.getMaxCreateRevision() != 0;
  }

  /** Whether a version passes the request's filters. */
  static boolean passes(RangeRequest request, Version version) {
    return !(above(version.mod(), request.getMaxModRevision())
        || below(version.mod(), request.getMinModRevision())
        || above(version.create(), request.getMaxCreateRevision())
        || below(version.create(), request.getMinCreateRevision()));
  }

  private static boolean above(long revision, long max) {
    return max != 0 && revision > max;
  }

  private static boolean below(long revision, long min) {
    return min != 0 && revision < min;
  }

  /** Null for the order the rows are in already. */
  private static Comparator<Row> order(RangeRequest request) {
    Comparator<Row> order =
        switch (request.getSortTarget()) {
          case KEY -> Comparator.comparing(Row::key, BYTES);
          case VERSION -> Comparator.comparingLong(row -> row.version.version());
          case CREATE -> Comparator.comparingLong(row -> row.version.create());
          case MOD -> Comparator.comparingLong(row -> row.version.mod());
          case VALUE -> Comparator.comparing(row -> row.version.value(), BYTES);
          case UNRECOGNIZED -> null;
        };
    if (request.getSortOrder() == SortOrder.DESCEND) {
      return order == null ? null : order.reversed();
    }
    return request.getSortTarget() == SortTarget.KEY ? null : order;
  }
}
