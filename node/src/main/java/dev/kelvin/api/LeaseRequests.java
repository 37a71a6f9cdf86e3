package dev.kelvin.api;

import dev.kelvin.duty.LeaseAsk;
import dev.kelvin.member.LeaseTimes;
import dev.kelvin.member.Node;
import dev.kelvin.member.Refusal;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseLeasesResponse;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kelvin.proto.etcdserverpb.LeaseStatus;
import dev.kelvin.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.kelvin.proto.etcdserverpb.LeaseTimeToLiveResponse;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.Reader;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The way of requests about leases. What needs chance or a limit is settled here, before the log.
 * Must be called on the lane of the exchange; returns at once.
 */
public final class LeaseRequests {
  /** etcd's, in seconds. */
  static final long MAX_TTL = 9_000_000_000L;

  private final Node node;
  private final Requests requests;
  private final long minTtl;

  public LeaseRequests(Node node, Requests requests, Duration electionTimeout) {
    this.node = node;
    this.requests = requests;
    minTtl = minTtl(electionTimeout);
  }

  /** Seconds: what outlasts one election, rounded up, as etcd. */
  static long minTtl(Duration electionTimeout) {
    return Math.ceilDiv(electionTimeout.toMillis() * 3, 2000L);
  }

  /** For a lease that the server names; the cluster refuses one that it has. */
  static long newId() {
    return ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
  }

  public void grant(LeaseGrantRequest request, Exchange exchange) {
    var settled =
        LeaseGrantRequest.newBuilder()
            .setTTL(Math.max(request.getTTL(), minTtl))
            .setID(request.getID() == 0 ? newId() : request.getID());
    requests.propose(
        CommandKind.LEASE_GRANT,
        settled.build().toByteArray(),
        request.getTTL() > MAX_TTL ? ApiError.TTL_TOO_LARGE : null,
        SpaceQuota.LEASE_BYTES,
        exchange);
  }

  /**
   * @param payload the request's bytes, as received; kept
   */
  public void revoke(LeaseRevokeRequest request, byte[] payload, Exchange exchange) {
    requests.propose(CommandKind.LEASE_REVOKE, payload, null, exchange);
  }

  public void timeToLive(LeaseTimeToLiveRequest request, Exchange exchange) {
    var error = requests.admit(exchange, false);
    var times = node.leaseTimes();
    if (error != null || times == null) {
      exchange.refuse(error == null ? ApiError.STOPPED : error);
      return;
    }
    times.ask(
        new LeaseAsk(request.getID(), false),
        exchange.lane(),
        new LeaseTimes.Answer() {
          @Override
          public void done(LeaseAsk.Times known) {
            if (known.seconds() >= 0 && request.getKeys()) {
              withKeys(request.getID(), known, exchange);
            } else {
              requests.read(exchange, reader -> answer(request.getID(), known, reader));
            }
          }

          @Override
          public void refused(Refusal refusal) {
            exchange.refuse(ApiError.of(refusal));
          }
        });
  }

  private static Outcome answer(long lease, LeaseAsk.Times known, Reader reader) {
    return new Outcome.Done(times(lease, known, reader.revision()).build());
  }

  private static LeaseTimeToLiveResponse.Builder times(
      long lease, LeaseAsk.Times known, long revision) {
    return LeaseTimeToLiveResponse.newBuilder()
        .setHeader(header(revision))
        .setID(lease)
        .setTTL(known.seconds())
        .setGrantedTTL(known.granted());
  }

  private void withKeys(long lease, LeaseAsk.Times known, Exchange exchange) {
    requests.barrier(
        exchange,
        () ->
            requests.inPool(
                exchange,
                reader -> {
                  var found = reader.leaseKeys(lease);
                  if (found == null) {
                    // It ended since.
                    return answer(lease, new LeaseAsk.Times(-1, 0), reader);
                  }
                  return new Outcome.Done(
                      times(lease, known, found.revision()).addAllKeys(found.keys()).build());
                }));
  }

  public void leases(Exchange exchange) {
    requests.linearizable(
        exchange,
        () -> {
          var reader = node.reader();
          var times = node.leaseTimes();
          if (reader == null || times == null) {
            exchange.refuse(ApiError.STOPPED);
            return;
          }
          long revision = reader.revision();
          times.inOrder(
              reader.leases(),
              exchange.lane(),
              leases -> {
                var response = LeaseLeasesResponse.newBuilder().setHeader(header(revision));
                for (var lease : leases) {
                  response.addLeases(LeaseStatus.newBuilder().setID(lease.id()));
                }
                exchange.done(new Outcome.Done(response.build()));
              });
        });
  }

  private static ResponseHeader header(long revision) {
    return ResponseHeader.newBuilder().setRevision(revision).build();
  }
}
