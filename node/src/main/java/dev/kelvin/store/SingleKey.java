package dev.kelvin.store;

import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;

/**
 * The answer to a range request for one key: the most frequent read, so it has a way of its own.
 */
final class SingleKey {
  private SingleKey() {}

  static RangeResponse answer(RangeRequest request, VersionCache.Cached found, long revision) {
    var response =
        RangeResponse.newBuilder().setHeader(ResponseHeader.newBuilder().setRevision(revision));
    if (found.version() == null) {
      return response.build();
    }
    response.setCount(1);
    if (!request.getCountOnly() && Ranges.passes(request, found.version())) {
      response.addKvs(
          request.getKeysOnly()
              ? found.keyValue().toBuilder().clearValue().build()
              : found.keyValue());
    }
    return response.build();
  }
}
