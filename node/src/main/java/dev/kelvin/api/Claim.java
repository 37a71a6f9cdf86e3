package dev.kelvin.api;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.proto.etcdserverpb.TxnResponse;
import dev.kelvin.proto.mvccpb.KeyValue;
import dev.kelvin.watch.WatchRequest;
import dev.kelvin.watch.WatchStream;
import java.util.function.Consumer;

/**
 * One caller in a queue ({@link Queues}), from the call until its key is the oldest there. It waits
 * by two watches, of its own key and of the one before, and looks at the queue when one of them
 * goes: no thread, no poll. A caller that gives up leaves the queue.
 *
 * <p>Confined to the lane of its exchange.
 */
final class Claim {
  /**
   * What a caller wants.
   *
   * @param name of the queue
   * @param lease that its key hangs on; 0 for a new one
   * @param value of its key
   * @param campaign whether a key that is there gets the value, and stays when waiting fails
   * @param lost what it is told when its key went while it waited
   */
  record Terms(ByteString name, long lease, ByteString value, boolean campaign, ApiError lost) {}

  /**
   * A place in the queue, at its head when it is handed out.
   *
   * @param lease that the key hangs on
   * @param created revision at which the key was
   * @param entered revision of the store when the caller entered the queue
   * @param revision of the store when it was seen to be first
   */
  record Place(ByteString key, long lease, long created, long entered, long revision) {}

  private final Claims claims;
  private final Requests requests;
  private final Exchange exchange;
  private final Terms terms;
  private final Consumer<Place> won;
  private long lease;
  private ByteString key;

  /** Revisions; 0 as long as the caller is not known to be in the queue. */
  private long created;

  private long entered;

  /** Whether the place came about, or was waited for, by this call: then it is this call's. */
  private boolean mine;

  private boolean waited;
  private boolean over;
  private WatchStream watching;

  Claim(Claims claims, Requests requests, Exchange exchange, Terms terms, Consumer<Place> won) {
    this.claims = claims;
    this.requests = requests;
    this.exchange = exchange;
    this.terms = terms;
    this.won = won;
  }

  void begin() {
    claims.withLease(terms.lease, exchange, this::fail, this::enter);
  }

  private void enter(long named) {
    lease = named;
    key = Queues.key(terms.name, lease);
    if (!over) {
      txn(Queues.enter(key, terms.value, lease), this::entered);
    }
  }

  private void entered(TxnResponse response) {
    entered = response.getHeader().getRevision();
    mine = response.getSucceeded();
    if (mine) {
      created = entered;
    } else {
      var there = response.getResponses(0).getResponseRange().getKvs(0);
      created = there.getCreateRevision();
      if (!over && terms.campaign && !there.getValue().equals(terms.value)) {
        txn(Queues.update(key, created, terms.value, lease), this::updated);
        return;
      }
    }
    if (over) {
      // The caller gave up before this was known.
      leave();
    } else {
      look();
    }
  }

  private void updated(TxnResponse response) {
    if (!response.getSucceeded()) {
      refuse(terms.lost);
    } else if (!over) {
      look();
    }
  }

  /**
   * First who is before, then whether the own key is there still: so both hold as of the second.
   * What this member has is enough: keys older than the own one become only fewer.
   */
  private void look() {
    range(
        Queues.before(terms.name, created),
        before -> {
          if (!over) {
            range(
                RangeRequest.newBuilder().setKey(key).setSerializable(true).build(),
                own -> looked(before, own));
          }
        });
  }

  private void looked(RangeResponse before, RangeResponse own) {
    if (over) {
      return;
    }
    if (own.getKvsList().stream().mapToLong(KeyValue::getCreateRevision).noneMatch(this::own)) {
      refuse(terms.lost);
    } else if (before.getKvsCount() == 0) {
      finish();
      long seen = waited ? own.getHeader().getRevision() : entered;
      won.accept(new Place(key, lease, created, entered, seen));
    } else {
      await(
          before.getKvs(0).getKey(),
          before.getHeader().getRevision() + 1,
          own.getHeader().getRevision() + 1);
    }
  }

  private boolean own(long revision) {
    return revision == created;
  }

  private void await(ByteString before, long beforeFrom, long ownFrom) {
    waited = true;
    mine = true;
    var opened = claims.open(new Wake(() -> exchange.lane().execute(this::woken)));
    if (opened.isEmpty()) {
      fail(ApiError.STOPPED);
      return;
    }
    watching = opened.get();
    watching.create(deletions(before, beforeFrom));
    watching.create(deletions(key, ownFrom));
  }

  private static WatchRequest deletions(ByteString key, long from) {
    return new WatchRequest(0, key, ByteString.EMPTY, from, true, false, false, false, false);
  }

  private void woken() {
    closeWatch();
    if (!over) {
      // Not before this member has heard what happened meanwhile: it may have been cut off.
      requests.barrier(
          new Step<>(exchange.lane(), RangeResponse.class, _ -> {}, this::fail),
          () -> {
            if (!over) {
              look();
            }
          });
    }
  }

  private void closeWatch() {
    if (watching != null) {
      watching.close();
      watching = null;
    }
  }

  private void finish() {
    over = true;
    closeWatch();
    claims.remove(this);
  }

  /** Ends without a place. */
  private void refuse(ApiError error) {
    if (!over) {
      finish();
      exchange.refuse(ApiError.within(error));
    }
  }

  private void fail(ApiError error) {
    if (!over) {
      refuse(error);
      if (!terms.campaign) {
        leave();
      }
    }
  }

  /** The caller gave up, perhaps before it could be told that it is first. */
  void abandon() {
    finish();
    leave();
  }

  /** This node stops; the place in the queue stays. Any thread. */
  void stopSoon() {
    exchange.lane().execute(() -> refuse(ApiError.STOPPED));
  }

  /**
   * What cannot be deleted now goes with its lease. Who is cut off by the end of this node keeps
   * the place, to wait on at another.
   */
  private void leave() {
    if (mine && !claims.stopping()) {
      var request = Queues.leave(key, created);
      requests.txn(
          request,
          request.toByteArray(),
          new Step<>(exchange.lane(), TxnResponse.class, _ -> {}, _ -> {}));
    }
  }

  private void txn(TxnRequest request, Consumer<TxnResponse> next) {
    requests.txn(
        request,
        request.toByteArray(),
        new Step<>(exchange.lane(), TxnResponse.class, next, this::fail));
  }

  private void range(RangeRequest request, Consumer<RangeResponse> next) {
    requests.range(request, new Step<>(exchange.lane(), RangeResponse.class, next, this::fail));
  }
}
