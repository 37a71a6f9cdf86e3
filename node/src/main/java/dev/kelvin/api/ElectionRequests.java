package dev.kelvin.api;

import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.proto.etcdserverpb.TxnResponse;
import dev.kelvin.proto.v3electionpb.CampaignRequest;
import dev.kelvin.proto.v3electionpb.CampaignResponse;
import dev.kelvin.proto.v3electionpb.LeaderKey;
import dev.kelvin.proto.v3electionpb.LeaderRequest;
import dev.kelvin.proto.v3electionpb.LeaderResponse;
import dev.kelvin.proto.v3electionpb.ProclaimRequest;
import dev.kelvin.proto.v3electionpb.ProclaimResponse;
import dev.kelvin.proto.v3electionpb.ResignRequest;
import dev.kelvin.proto.v3electionpb.ResignResponse;
import java.util.function.Consumer;

/**
 * The way of requests of elections. Must be called on the lane of the exchange; returns at once.
 */
public final class ElectionRequests {
  private final Claims claims;
  private final Requests requests;

  public ElectionRequests(Claims claims, Requests requests) {
    this.claims = claims;
    this.requests = requests;
  }

  public void campaign(CampaignRequest request, Exchange exchange) {
    if (!claims.admitted(exchange)) {
      return;
    }
    claims.claim(
        exchange,
        new Claim.Terms(
            request.getName(), request.getLease(), request.getValue(), true, ApiError.NOT_LEADER),
        place -> elected(request, place, exchange));
  }

  private void elected(CampaignRequest request, Claim.Place place, Exchange exchange) {
    var leader =
        LeaderKey.newBuilder()
            .setName(request.getName())
            .setKey(place.key())
            .setRev(place.created())
            .setLease(place.lease());
    Claims.answer(
        exchange,
        CampaignResponse.newBuilder()
            .setHeader(claims.header(place.entered()))
            .setLeader(leader)
            .build());
  }

  public void proclaim(ProclaimRequest request, Exchange exchange) {
    if (!claims.admitted(exchange)) {
      return;
    }
    if (!request.hasLeader()) {
      exchange.refuse(ApiError.LEADER_MISSING);
      return;
    }
    var leader = request.getLeader();
    claims.withLease(
        leader.getLease(),
        exchange,
        Claims.refusal(exchange),
        lease ->
            txn(
                Queues.update(leader.getKey(), leader.getRev(), request.getValue(), lease),
                exchange,
                done -> proclaimed(done, exchange)));
  }

  private void proclaimed(TxnResponse done, Exchange exchange) {
    if (done.getSucceeded()) {
      Claims.answer(
          exchange,
          ProclaimResponse.newBuilder().setHeader(claims.header(done.getHeader())).build());
    } else {
      exchange.refuse(ApiError.NOT_LEADER);
    }
  }

  public void resign(ResignRequest request, Exchange exchange) {
    if (!claims.admitted(exchange)) {
      return;
    }
    if (!request.hasLeader()) {
      exchange.refuse(ApiError.LEADER_MISSING);
      return;
    }
    var leader = request.getLeader();
    // Who does not lead any more has resigned.
    txn(
        Queues.leave(leader.getKey(), leader.getRev()),
        exchange,
        done ->
            Claims.answer(
                exchange,
                ResignResponse.newBuilder().setHeader(claims.header(done.getHeader())).build()));
  }

  private void txn(TxnRequest request, Exchange exchange, Consumer<TxnResponse> next) {
    requests.txn(request, request.toByteArray(), claims.step(exchange, TxnResponse.class, next));
  }

  public void leader(LeaderRequest request, Exchange exchange) {
    if (!claims.admitted(exchange)) {
      return;
    }
    requests.range(
        Queues.first(request.getName()),
        claims.step(
            exchange,
            RangeResponse.class,
            first -> {
              if (first.getKvsCount() == 0) {
                exchange.refuse(ApiError.NOBODY_ELECTED);
                return;
              }
              Claims.answer(
                  exchange,
                  LeaderResponse.newBuilder()
                      .setHeader(claims.header(first.getHeader()))
                      .setKv(first.getKvs(0))
                      .build());
            }));
  }

  /** Why a stream is not taken, or null. */
  public ApiError refusal(boolean requiresLeader) {
    return requests.admit(requiresLeader, false);
  }

  /** To be begun, and to be closed. */
  public Observation observe(LeaderRequest request, Observation.Audience audience) {
    return new Observation(claims, requests, request.getName(), audience);
  }
}
