package dev.kelvin.api;

import dev.kelvin.member.Node;
import dev.kelvin.proto.etcdserverpb.AlarmRequest;
import dev.kelvin.proto.etcdserverpb.AlarmResponse;
import dev.kelvin.proto.etcdserverpb.AlarmType;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.Reader;
import dev.kelvin.store.TimedPut;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * The way of a decoded request: checked, then handed to the replica or answered by the reader. Must
 * be called on the lane of its exchange; returns at once.
 */
public final class Requests {
  private static final Logger LOG = Logger.getLogger(Requests.class);

  private final Node node;
  private final Limits limits;
  private final ReadPool pool;
  private final SpaceQuota quota;

  public Requests(Node node, Limits limits, ReadPool pool) {
    this.node = node;
    this.limits = limits;
    this.pool = pool;
    quota = new SpaceQuota(node, limits.quotaBytes(), System::nanoTime);
  }

  /** What clients may ask for at most. */
  public Limits limits() {
    return limits;
  }

  public void range(RangeRequest request, Exchange exchange) {
    var serializable = request.getSerializable();
    var error = admit(exchange, serializable);
    if (error == null) {
      error = Checks.range(request);
    }
    if (error != null) {
      exchange.refuse(error);
    } else if (serializable) {
      read(request, exchange);
    } else {
      barrier(exchange, () -> read(request, exchange));
    }
  }

  /**
   * The first keys of a range, in order, without their count.
   *
   * @param maxBytes of keys and values, after which no further key is begun
   */
  public void page(RangeRequest request, long maxBytes, Exchange exchange) {
    var error = admit(exchange, request.getSerializable());
    if (error == null) {
      error = Checks.range(request);
    }
    Runnable read = () -> inPool(exchange, reader -> reader.page(request, maxBytes));
    if (error != null) {
      exchange.refuse(error);
    } else if (request.getSerializable()) {
      read.run();
    } else {
      barrier(exchange, read);
    }
  }

  /**
   * @param payload the request's bytes, as received; kept
   */
  public void put(PutRequest request, byte[] payload, Exchange exchange) {
    long cost = SpaceQuota.cost(request);
    propose(CommandKind.PUT, payload, Checks.put(request), cost, exchange);
  }

  /**
   * Puts a key that is to live for a time, exactly, whatever the least time of a lease is: with a
   * lease of its own, which goes when the key does ({@link TimedPut}).
   *
   * @param request without lease, nor any other option
   * @param seconds from 1
   */
  public void put(PutRequest request, long seconds, Exchange exchange) {
    var error = Checks.put(request);
    if (error == null && seconds > LeaseRequests.MAX_TTL) {
      error = ApiError.TTL_TOO_LARGE;
    }
    var leased = request.toBuilder().setLease(LeaseRequests.newId()).build();
    propose(
        CommandKind.TIMED_PUT,
        new TimedPut(seconds, leased).encode(),
        error,
        SpaceQuota.cost(leased) + SpaceQuota.LEASE_BYTES,
        exchange);
  }

  /**
   * @param payload the request's bytes, as received; kept
   */
  public void delete(DeleteRangeRequest request, byte[] payload, Exchange exchange) {
    propose(CommandKind.DELETE_RANGE, payload, Checks.delete(request), exchange);
  }

  /**
   * A transaction that only reads goes through the log like any other: one way, one order.
   *
   * @param payload the request's bytes, as received; kept
   */
  public void txn(TxnRequest request, byte[] payload, Exchange exchange) {
    long cost = quota.on() ? SpaceQuota.cost(request) : 0;
    propose(CommandKind.TXN, payload, Checks.txn(request, limits.maxTxnOps()), cost, exchange);
  }

  /**
   * A physical one is answered when its rows are gone on this node.
   *
   * @param payload the request's bytes, as received; kept
   */
  public void compact(CompactionRequest request, byte[] payload, Exchange exchange) {
    var answered =
        request.getPhysical() ? new Physically(exchange, node, request.getRevision()) : exchange;
    propose(CommandKind.COMPACT, payload, null, answered);
  }

  /**
   * @param payload the request's bytes, as received; kept
   */
  public void alarm(AlarmRequest request, byte[] payload, Exchange exchange) {
    if (request.getAction() == AlarmRequest.AlarmAction.GET) {
      linearizable(exchange, () -> read(exchange, reader -> alarms(request, reader)));
    } else {
      propose(CommandKind.ALARM, payload, null, exchange);
    }
  }

  private static Outcome alarms(AlarmRequest request, Reader reader) {
    var response =
        AlarmResponse.newBuilder()
            .setHeader(ResponseHeader.newBuilder().setRevision(reader.revision()));
    for (var alarm : reader.alarms()) {
      if (request.getAlarm() == AlarmType.NONE || request.getAlarmValue() == alarm.type()) {
        response.addAlarms(alarm.toMember());
      }
    }
    return new Outcome.Done(response.build());
  }

  public void hash(HashKVRequest request, Exchange exchange) {
    var error = admit(exchange, false);
    if (error != null) {
      exchange.refuse(error);
      return;
    }
    inPool(exchange, reader -> reader.hash(request));
  }

  /** Of everything, as far as this node has applied. */
  public void hash(Exchange exchange) {
    var error = admit(exchange, false);
    if (error != null) {
      exchange.refuse(error);
      return;
    }
    inPool(exchange, Reader::hash);
  }

  /** Runs the action on the exchange's lane at a linearizable point in time. */
  public void linearizable(Exchange exchange, Runnable action) {
    var error = admit(exchange, false);
    if (error != null) {
      exchange.refuse(error);
    } else {
      barrier(exchange, action);
    }
  }

  /**
   * Whether this node takes a request now.
   *
   * @param learnerToo whether a learner serves it
   * @return why not, or null
   */
  public ApiError admit(Exchange exchange, boolean learnerToo) {
    return admit(exchange.requiresLeader(), learnerToo);
  }

  /** The same for a stream. */
  public ApiError admit(boolean requiresLeader, boolean learnerToo) {
    switch (node.state()) {
      case WAITING -> {
        return ApiError.WAITING;
      }
      case STARTING -> {
        return ApiError.STARTING;
      }
      case REMOVED -> {
        return ApiError.REMOVED;
      }
      case STOPPING -> {
        return ApiError.STOPPED;
      }
      case LEARNER -> {
        if (!learnerToo) {
          return ApiError.LEARNER;
        }
      }
      case VOTER -> {}
    }
    var replica = node.replica();
    if (replica == null || node.reader() == null) {
      return ApiError.STOPPED;
    }
    return requiresLeader && replica.status().leader() == 0 ? ApiError.NO_LEADER : null;
  }

  void propose(CommandKind kind, byte[] payload, ApiError fault, Exchange exchange) {
    propose(kind, payload, fault, 0, exchange);
  }

  /**
   * @param cost what it takes of the space quota, in bytes
   */
  void propose(CommandKind kind, byte[] payload, ApiError fault, long cost, Exchange exchange) {
    var error = admit(exchange, false);
    if (error == null) {
      error = fault;
    }
    if (error == null && payload.length > limits.maxRequestBytes()) {
      error = ApiError.TOO_LARGE;
    }
    var replica = error == null ? node.replica() : null;
    if (replica == null) {
      exchange.refuse(error == null ? ApiError.STOPPED : error);
      return;
    }
    if (!quota.takes(cost)) {
      quota.refuse(exchange, replica);
      return;
    }
    replica.propose(
        kind,
        payload,
        exchange.lane(),
        new Replica.Completion() {
          @Override
          public void done(Outcome outcome) {
            guarded(exchange, () -> answer(exchange, outcome));
          }

          @Override
          public void failed(Replica.Failure failure) {
            exchange.refuse(ApiError.of(failure));
          }
        });
  }

  /** A defect in one answer must not cost the others that are due in the same task. */
  private static void guarded(Exchange exchange, Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      LOG.error("A request failed", e);
      exchange.refuse(ApiError.INTERNAL_ERROR);
    }
  }

  /** As {@link #linearizable}, of a request that is admitted already. */
  public void barrier(Exchange exchange, Runnable action) {
    var replica = node.replica();
    if (replica == null) {
      exchange.refuse(ApiError.STOPPED);
      return;
    }
    replica.barrier(
        exchange.lane(),
        new Replica.Barrier() {
          @Override
          public void reached() {
            guarded(exchange, action);
          }

          @Override
          public void failed(Replica.Failure failure) {
            exchange.refuse(ApiError.of(failure));
          }
        });
  }

  private void read(RangeRequest request, Exchange exchange) {
    var reader = node.reader();
    if (reader == null) {
      exchange.refuse(ApiError.STOPPED);
      return;
    }
    var outcome = reader.range(request, true);
    if (outcome != null) {
      answer(exchange, outcome);
    } else {
      inPool(exchange, r -> r.range(request, false));
    }
  }

  /** Answers from memory, at once. */
  void read(Exchange exchange, Function<Reader, Outcome> work) {
    var reader = node.reader();
    if (reader == null) {
      exchange.refuse(ApiError.STOPPED);
    } else {
      answer(exchange, work.apply(reader));
    }
  }

  /** Answers from the disk, from a thread of the pool. */
  void inPool(Exchange exchange, Function<Reader, Outcome> work) {
    boolean taken =
        pool.offer(
            () -> {
              var outcome = carryOut(work);
              exchange
                  .lane()
                  .execute(
                      () -> {
                        if (outcome == null) {
                          exchange.refuse(ApiError.INTERNAL_ERROR);
                        } else {
                          answer(exchange, outcome);
                        }
                      });
            });
    if (!taken) {
      exchange.refuse(ApiError.TOO_MANY_REQUESTS);
    }
  }

  /** Null for a defect, which is logged: a client must not wait for a thread that died. */
  private Outcome carryOut(Function<Reader, Outcome> work) {
    try {
      return work.apply(node.reader());
    } catch (RuntimeException e) {
      LOG.error("A read failed", e);
      return null;
    }
  }

  private static void answer(Exchange exchange, Outcome outcome) {
    if (outcome instanceof Outcome.Failed failed) {
      exchange.refuse(ApiError.of(failed.error()));
    } else {
      exchange.done(outcome);
    }
  }
}
