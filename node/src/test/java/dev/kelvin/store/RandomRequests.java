package dev.kelvin.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.Compare;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import java.util.List;
import java.util.Random;

/** Requests on few, nasty keys: prefixes of one another, zero bytes, high bytes. */
public final class RandomRequests {
  private static final byte[][] KEYS = {
    {'a'},
    {'a', 0},
    {'a', 0, 0},
    {'a', 0, (byte) 0xff},
    {'a', 'a'},
    {0},
    {(byte) 0xff},
    {(byte) 0xff, (byte) 0xff},
    {'b'},
    {'b', 1},
    {'c'},
    {'a', (byte) 0xff},
  };

  private static final long[] LEASES = {5, 6, -1, Long.MIN_VALUE};

  private final Random random;

  public RandomRequests(Random random) {
    this.random = random;
  }

  public ByteString key() {
    return ByteString.copyFrom(KEYS[random.nextInt(KEYS.length)]);
  }

  public ByteString end() {
    return switch (random.nextInt(4)) {
      case 0, 1 -> ByteString.EMPTY;
      case 2 -> ByteString.copyFrom(new byte[1]);
      default -> key();
    };
  }

  public MessageLite command(long revision) {
    return switch (random.nextInt(24)) {
      case 0 ->
          CompactionRequest.newBuilder().setRevision(revision - random.nextInt(20) + 2).build();
      case 1, 2, 3 -> delete();
      case 4, 5, 6, 7, 8, 9 -> txn(revision, 2);
      case 10, 11 ->
          LeaseGrantRequest.newBuilder().setID(lease()).setTTL(1 + random.nextInt(9)).build();
      case 12 -> LeaseRevokeRequest.newBuilder().setID(lease()).build();
      default -> put();
    };
  }

  private PutRequest put() {
    return PutRequest.newBuilder()
        .setKey(key())
        .setValue(ByteString.copyFromUtf8("v" + random.nextInt(5)))
        .setPrevKv(random.nextBoolean())
        .setIgnoreValue(random.nextInt(8) == 0)
        .setIgnoreLease(random.nextInt(8) == 0)
        .setLease(random.nextInt(3) == 0 ? lease() : 0)
        .build();
  }

  /** One of few, so that it often exists. */
  long lease() {
    return LEASES[random.nextInt(LEASES.length)];
  }

  /** What a leader does by itself; in one of several cases it was decided in another term. */
  LeaseCommand leaseCommand(long term) {
    long decided = random.nextInt(4) == 0 ? term - 1 : term;
    return random.nextBoolean()
        ? new LeaseCommand.Expire(decided, lease())
        : new LeaseCommand.Checkpoint(
            decided,
            List.of(
                new LeaseCommand.Checkpoint.Remaining(lease(), random.nextInt(3)),
                new LeaseCommand.Checkpoint.Remaining(lease(), random.nextInt(3))));
  }

  private DeleteRangeRequest delete() {
    return DeleteRangeRequest.newBuilder()
        .setKey(key())
        .setRangeEnd(random.nextInt(3) == 0 ? end() : ByteString.EMPTY)
        .setPrevKv(random.nextBoolean())
        .build();
  }

  RangeRequest range(long revision) {
    var request =
        RangeRequest.newBuilder()
            .setKey(key())
            .setRangeEnd(end())
            .setLimit(random.nextInt(3) == 0 ? random.nextInt(4) : 0)
            .setCountOnly(random.nextInt(5) == 0)
            .setKeysOnly(random.nextInt(5) == 0);
    if (random.nextInt(3) == 0) {
      request.setRevision(Math.max(0, revision - random.nextInt(25) + 1));
    }
    if (random.nextInt(4) == 0) {
      request.setSortTargetValue(random.nextInt(5)).setSortOrderValue(1 + random.nextInt(2));
    }
    if (random.nextInt(5) == 0) {
      request.setMinModRevision(Math.max(0, revision - random.nextInt(10)));
    }
    if (random.nextInt(5) == 0) {
      request.setMaxCreateRevision(Math.max(0, revision - random.nextInt(10)));
    }
    return request.build();
  }

  private TxnRequest txn(long revision, int depth) {
    var txn = TxnRequest.newBuilder();
    for (int i = random.nextInt(3); i > 0; i--) {
      txn.addCompare(compare(revision));
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      txn.addSuccess(op(revision, depth));
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      txn.addFailure(op(revision, depth));
    }
    return txn.build();
  }

  private RequestOp.Builder op(long revision, int depth) {
    var op = RequestOp.newBuilder();
    return switch (random.nextInt(depth > 0 ? 5 : 4)) {
      case 0, 1 -> op.setRequestPut(put());
      case 2 -> op.setRequestDeleteRange(delete());
      case 3 -> op.setRequestRange(range(revision));
      default -> op.setRequestTxn(txn(revision, depth - 1));
    };
  }

  private Compare.Builder compare(long revision) {
    var compare =
        Compare.newBuilder()
            .setKey(key())
            .setRangeEnd(random.nextInt(4) == 0 ? end() : ByteString.EMPTY)
            .setResultValue(random.nextInt(4));
    return switch (random.nextInt(5)) {
      case 0 -> compare.setTarget(Compare.CompareTarget.VERSION).setVersion(random.nextInt(3));
      case 1 ->
          compare
              .setTarget(Compare.CompareTarget.CREATE)
              .setCreateRevision(random.nextInt(3) == 0 ? 0 : revision - random.nextInt(9));
      case 2 ->
          compare
              .setTarget(Compare.CompareTarget.MOD)
              .setModRevision(random.nextInt(3) == 0 ? 0 : revision - random.nextInt(9));
      case 3 ->
          compare
              .setTarget(Compare.CompareTarget.VALUE)
              .setValue(ByteString.copyFromUtf8("v" + random.nextInt(5)));
      default ->
          compare
              .setTarget(Compare.CompareTarget.LEASE)
              .setLease(random.nextBoolean() ? 0 : lease());
    };
  }
}
