package dev.kelvin.store;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import java.util.List;

/** Tells commands that add data from those that may go on while the disk is short of space. */
public final class Growth {
  private Growth() {}

  /**
   * Whether a command may add data: a put, the grant of a lease, or a transaction with a put in any
   * branch, nested ones included. One that is not understood here counts as such.
   *
   * @param data of a log entry
   */
  public static boolean adds(CommandCodec codec, byte[] data) {
    try {
      return adds(codec.decode(data));
    } catch (UnknownFormatException | InvalidProtocolBufferException e) {
      return true;
    }
  }

  static boolean adds(Command command) throws InvalidProtocolBufferException {
    return switch (command.kind()) {
      case PUT, TIMED_PUT, LEASE_GRANT -> true;
      case TXN -> adds(TxnRequest.parseFrom(command.payload()));
      case DELETE_RANGE, COMPACT, MEMBER, LEASE_REVOKE, LEASE_EXPIRE, LEASE_CHECKPOINT, ALARM ->
          false;
    };
  }

  private static boolean adds(TxnRequest txn) {
    return adds(txn.getSuccessList()) || adds(txn.getFailureList());
  }

  private static boolean adds(List<RequestOp> ops) {
    for (var op : ops) {
      if (op.hasRequestPut() || op.hasRequestTxn() && adds(op.getRequestTxn())) {
        return true;
      }
    }
    return false;
  }
}
