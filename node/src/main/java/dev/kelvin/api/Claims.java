package dev.kelvin.api;

import com.google.protobuf.MessageLite;
import dev.kelvin.member.Node;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseGrantResponse;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;
import dev.kelvin.store.Outcome;
import dev.kelvin.watch.WatchSink;
import dev.kelvin.watch.WatchStream;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;

/** Callers in the queues of locks and elections at this node, and what both services need. */
public final class Claims {
  /** Of a lease that a caller leaves to the server, in seconds; etcd's. Nobody renews it. */
  private static final long TTL = 60;

  private final Node node;
  private final Requests requests;
  private final LeaseRequests leases;
  private final LongFunction<ResponseHeader> header;

  /** Bounded by the calls that connections may have under way. */
  private final Set<Claim> waiting = ConcurrentHashMap.newKeySet();

  private volatile boolean stopping;

  /**
   * @param header of an answer, by the store's revision
   */
  public Claims(
      Node node, Requests requests, LeaseRequests leases, LongFunction<ResponseHeader> header) {
    this.node = node;
    this.requests = requests;
    this.leases = leases;
    this.header = header;
  }

  /** Whether the call is taken; if not, it was refused. */
  boolean admitted(Exchange exchange) {
    var error = requests.admit(exchange, false);
    if (error == null && stopping) {
      error = ApiError.STOPPED;
    }
    if (error != null) {
      exchange.refuse(error);
    }
    return error == null;
  }

  /** Enters a queue, and calls back once at its head. */
  void claim(Exchange exchange, Claim.Terms terms, Consumer<Claim.Place> won) {
    var claim = new Claim(this, requests, exchange, terms, won);
    waiting.add(claim);
    exchange.whenAbandoned(claim::abandon);
    claim.begin();
  }

  /** A stream of watches; empty once the store is closed. */
  Optional<WatchStream> open(WatchSink sink) {
    var watches = node.watches();
    return watches == null ? Optional.empty() : watches.open(sink);
  }

  /** Names a lease: the one given, or a new one. */
  void withLease(long lease, Exchange exchange, Consumer<ApiError> refused, LongConsumer next) {
    if (lease != 0) {
      next.accept(lease);
    } else {
      leases.grant(
          LeaseGrantRequest.newBuilder().setTTL(TTL).build(),
          new Step<>(
              exchange.lane(),
              LeaseGrantResponse.class,
              granted -> next.accept(granted.getID()),
              refused));
    }
  }

  /** A step whose refusal is the call's. */
  <M extends MessageLite> Step<M> step(Exchange exchange, Class<M> answer, Consumer<M> next) {
    return new Step<>(exchange.lane(), answer, next, refusal(exchange));
  }

  static Consumer<ApiError> refusal(Exchange exchange) {
    return error -> exchange.refuse(ApiError.within(error));
  }

  ResponseHeader header(ResponseHeader ofStep) {
    return header(ofStep.getRevision());
  }

  ResponseHeader header(long revision) {
    return header.apply(revision);
  }

  static void answer(Exchange exchange, MessageLite response) {
    exchange.done(new Outcome.Done(response));
  }

  void remove(Claim claim) {
    waiting.remove(claim);
  }

  /** Whether callers that are cut off keep their places. */
  boolean stopping() {
    return stopping;
  }

  /**
   * Tells all who wait that this node stops; their places in the queues stay, so that they can go
   * on waiting at another.
   */
  public void stop() {
    stopping = true;
    waiting.forEach(Claim::stopSoon);
  }
}
