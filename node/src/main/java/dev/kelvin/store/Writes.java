package dev.kelvin.store;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeResponse;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.PutResponse;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;
import java.util.ArrayList;

/**
 * One request's writes: puts and deletions under one new revision, which counts only if something
 * changed.
 */
final class Writes {
  private final Pending pending;
  private final long base;
  private int subs;

  /**
   * @param base revision before the request
   */
  Writes(Pending pending, long base) {
    this.pending = pending;
    this.base = base;
  }

  /** Revision as of now: the new one once something changed. */
  long revision() {
    return subs == 0 ? base : base + 1;
  }

  long base() {
    return base;
  }

  ResponseHeader header() {
    return ResponseHeader.newBuilder().setRevision(revision()).build();
  }

  /** Why the put cannot be done in that state; null when it can. */
  static StoreError check(View view, PutRequest request) {
    if (request.getLease() != 0) {
      return StoreError.LEASE_NOT_FOUND;
    }
    if ((request.getIgnoreValue() || request.getIgnoreLease())
        && view.newest(request.getKey().toByteArray()) == null) {
      return StoreError.KEY_NOT_FOUND;
    }
    return null;
  }

  /** Carries out a put that was checked; the answer is null if none is wanted. */
  PutResponse put(PutRequest request, boolean answered) {
    var key = request.getKey().toByteArray();
    var before = pending.newest(key);
    var old =
        before != null && (request.getIgnoreValue() || (answered && request.getPrevKv()))
            ? pending.event(before.mod(), before.sub())
            : null;
    ByteString value = request.getIgnoreValue() && old != null ? old.value() : request.getValue();
    long lease = request.getIgnoreLease() && before != null ? before.lease() : request.getLease();
    pending.put(key, value, lease, before, base + 1, subs++);
    if (!answered) {
      return null;
    }
    var response = PutResponse.newBuilder().setHeader(header());
    if (request.getPrevKv() && old != null) {
      response.setPrevKv(old.keyValue(before.mod()));
    }
    return response.build();
  }

  private record Doomed(byte[] key, Version version) {}

  DeleteRangeResponse delete(DeleteRangeRequest request) {
    var doomed = new ArrayList<Doomed>();
    var keys = KeyRange.of(request.getKey(), request.getRangeEnd());
    if (KeyRange.single(request.getRangeEnd())) {
      var version = pending.newest(keys.from());
      if (version != null) {
        doomed.add(new Doomed(keys.from(), version));
      }
    } else {
      pending.newest(keys, (key, version) -> doomed.add(new Doomed(key, version)));
    }
    var response = DeleteRangeResponse.newBuilder().setDeleted(doomed.size());
    for (var d : doomed) {
      if (request.getPrevKv()) {
        response.addPrevKvs(
            pending.event(d.version.mod(), d.version.sub()).keyValue(d.version.mod()));
      }
      pending.delete(d.key, d.version, base + 1, subs++);
    }
    return response.setHeader(header()).build();
  }
}
