package dev.kelvin.api;

import dev.kelvin.member.Node;
import dev.kelvin.proto.etcdserverpb.AlarmRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.Alarm;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Outcome;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * etcd's space quota: what this node's store may come to. A request that would pass it is not
 * proposed, and raises the alarm NOSPACE, which has all members refuse what adds data until
 * somebody disarms it. Any thread.
 *
 * <p>The store's size is looked at ten times a second at most; what was let through since counts on
 * top of it. What is on its way through the log at a look may pass the quota by as much.
 */
final class SpaceQuota {
  private static final Logger LOG = Logger.getLogger(SpaceQuota.class);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** What a key, and what a lease takes beside its bytes: etcd's estimates. */
  private static final long KEY_BYTES = 256;

  static final long LEASE_BYTES = 64;

  private final Node node;
  private final long quota;
  private final LongSupplier nanos;
  private final AtomicBoolean raising = new AtomicBoolean();

  private boolean looked;
  private long lookedAt;
  private long size;
  private long admitted;

  /**
   * @param quota bytes; 0 for none
   * @param nanos a monotonic clock
   */
  SpaceQuota(Node node, long quota, LongSupplier nanos) {
    this.node = node;
    this.quota = quota;
    this.nanos = nanos;
  }

  static long cost(PutRequest put) {
    return KEY_BYTES + put.getKey().size() + put.getValue().size();
  }

  /** That of the branch that costs more. */
  static long cost(TxnRequest txn) {
    return Math.max(cost(txn.getSuccessList()), cost(txn.getFailureList()));
  }

  private static long cost(List<RequestOp> ops) {
    long sum = 0;
    for (var op : ops) {
      sum +=
          switch (op.getRequestCase()) {
            case REQUEST_PUT -> cost(op.getRequestPut());
            case REQUEST_TXN -> cost(op.getRequestTxn());
            case REQUEST_RANGE, REQUEST_DELETE_RANGE, REQUEST_NOT_SET -> 0;
          };
    }
    return sum;
  }

  boolean on() {
    return quota > 0;
  }

  /**
   * Whether a request still fits in; if so it is counted.
   *
   * @param cost bytes; 0 always fits
   */
  boolean takes(long cost) {
    return quota == 0 || cost == 0 || fits(cost);
  }

  private synchronized boolean fits(long cost) {
    long now = nanos.getAsLong();
    if (!looked || now - lookedAt >= LOOK_NANOS) {
      var reader = node.reader();
      if (reader == null) {
        return true;
      }
      size = reader.sizeInUse();
      admitted = 0;
      looked = true;
      lookedAt = now;
    }
    // As etcd: what would fill the quota to the last byte is too much.
    if (size + admitted + cost >= quota) {
      return false;
    }
    admitted += cost;
    return true;
  }

  /** Refuses a request that does not fit in, once the alarm stands. */
  void refuse(Exchange exchange, Replica replica) {
    var reader = node.reader();
    var alarm = new Alarm(node.memberId(), Alarm.NOSPACE);
    if (reader == null || reader.alarms().contains(alarm) || !raising.compareAndSet(false, true)) {
      exchange.refuse(ApiError.NO_SPACE);
      return;
    }
    LOG.warnf(
        "the store's %d bytes in use reach the quota of %d: raising the alarm NOSPACE. Delete keys, compact, defragment, then disarm it",
        reader.sizeInUse(), quota);
    replica.propose(
        CommandKind.ALARM,
        AlarmRequest.newBuilder()
            .setAction(AlarmRequest.AlarmAction.ACTIVATE)
            .setMemberID(alarm.member())
            .setAlarmValue(alarm.type())
            .build()
            .toByteArray(),
        exchange.lane(),
        new Replica.Completion() {
          @Override
          public void done(Outcome outcome) {
            ended();
          }

          @Override
          public void failed(Replica.Failure failure) {
            ended();
          }

          private void ended() {
            raising.set(false);
            exchange.refuse(ApiError.NO_SPACE);
          }
        });
  }
}
