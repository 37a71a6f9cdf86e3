package dev.kelvin.api;

import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseGrantResponse;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeResponse;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.TxnResponse;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.StoreError;
import java.util.concurrent.Executor;

/**
 * Writes on a condition whose key is to live for a time: a lease is granted first, and what is
 * written hangs on it. A put without a condition needs no such thing: {@link
 * Requests#put(PutRequest, long, Exchange)}.
 *
 * <p>A lease that nothing hangs on, because nothing was written, is revoked. Where it is not known
 * whether the write is in the log, the lease stays, and ends by itself: the key may hang on it.
 */
public final class TimedWrites {
  // Codes of gRPC that do not tell whether a request was carried out.
  private static final int INTERNAL = 13;
  private static final int UNAVAILABLE = 14;

  /** What a caller writes once there is a lease. */
  public interface Write {
    /**
     * @param lease to hang keys on
     * @param ttl seconds that it was granted for: what was asked for, or the shortest there is
     * @param exchange to be answered with the outcome of a transaction, whose success is what hangs
     *     on the lease
     */
    void with(long lease, long ttl, Exchange exchange);
  }

  private final LeaseRequests leases;

  public TimedWrites(LeaseRequests leases) {
    this.leases = leases;
  }

  /**
   * Must be called on the lane of the exchange; returns at once.
   *
   * @param ttl in seconds, positive
   * @param write called on the lane of the exchange, if there is a lease
   */
  public void write(long ttl, Exchange exchange, Write write) {
    if (ttl < 1) {
      throw new IllegalArgumentException("no time to live: " + ttl);
    }
    leases.grant(
        LeaseGrantRequest.newBuilder().setTTL(ttl).build(),
        new Step<>(
            exchange.lane(),
            LeaseGrantResponse.class,
            granted ->
                write.with(
                    granted.getID(), granted.getTTL(), new Leased(exchange, granted.getID())),
            exchange::refuse));
  }

  private void revoke(long lease, Executor lane) {
    var revocation = LeaseRevokeRequest.newBuilder().setID(lease).build();
    // Nobody waits for it; a lease that cannot be revoked ends by itself.
    leases.revoke(
        revocation,
        revocation.toByteArray(),
        new Step<>(lane, LeaseRevokeResponse.class, _ -> {}, _ -> {}));
  }

  /** The caller's exchange, and what is to be done for the lease when it is answered. */
  private final class Leased implements Exchange {
    private final Exchange exchange;
    private final long lease;

    Leased(Exchange exchange, long lease) {
      this.exchange = exchange;
      this.lease = lease;
    }

    @Override
    public Executor lane() {
      return exchange.lane();
    }

    @Override
    public boolean requiresLeader() {
      return exchange.requiresLeader();
    }

    @Override
    public void done(Outcome outcome) {
      if (outcome instanceof Outcome.Done(TxnResponse response) && !response.getSucceeded()) {
        revoke(lease, lane());
      }
      exchange.done(outcome);
    }

    @Override
    public void refuse(ApiError error) {
      if (error.equals(ApiError.of(StoreError.LEASE_NOT_FOUND))) {
        // The time was over before the value was there.
        exchange.refuse(ApiError.TIMEOUT);
        return;
      }
      if (error.code() != UNAVAILABLE && error.code() != INTERNAL) {
        revoke(lease, lane());
      }
      exchange.refuse(error);
    }
  }
}
