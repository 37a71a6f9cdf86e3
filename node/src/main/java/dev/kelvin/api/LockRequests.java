package dev.kelvin.api;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeResponse;
import dev.kelvin.proto.v3lockpb.LockRequest;
import dev.kelvin.proto.v3lockpb.LockResponse;
import dev.kelvin.proto.v3lockpb.UnlockRequest;
import dev.kelvin.proto.v3lockpb.UnlockResponse;

/** The way of requests for locks. Must be called on the lane of the exchange; returns at once. */
public final class LockRequests {
  private final Claims claims;
  private final Requests requests;

  public LockRequests(Claims claims, Requests requests) {
    this.claims = claims;
    this.requests = requests;
  }

  public void lock(LockRequest request, Exchange exchange) {
    if (!claims.admitted(exchange)) {
      return;
    }
    claims.claim(
        exchange,
        new Claim.Terms(
            request.getName(),
            request.getLease(),
            ByteString.EMPTY,
            false,
            ApiError.SESSION_EXPIRED),
        place ->
            Claims.answer(
                exchange,
                LockResponse.newBuilder()
                    .setHeader(claims.header(place.revision()))
                    .setKey(place.key())
                    .build()));
  }

  public void unlock(UnlockRequest request, Exchange exchange) {
    if (!claims.admitted(exchange)) {
      return;
    }
    var deletion = DeleteRangeRequest.newBuilder().setKey(request.getKey()).build();
    requests.delete(
        deletion,
        deletion.toByteArray(),
        claims.step(
            exchange,
            DeleteRangeResponse.class,
            deleted ->
                Claims.answer(
                    exchange,
                    UnlockResponse.newBuilder()
                        .setHeader(claims.header(deleted.getHeader()))
                        .build())));
  }
}
