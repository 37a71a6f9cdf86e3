package dev.kelvin.store;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The alarms that stand as of the last entry applied, and what is refused because of them: decided
 * by this state alone, so that all members refuse the same. Immutable.
 */
final class Alarms {
  /** Number of alarms (4), then for each its member (8) and type (4). */
  static final byte[] ROW = Rows.meta("alarms");

  static final Alarms NONE = new Alarms(List.of());

  /** More is somebody's mistake: there are two types, and a handful of members. */
  static final int MOST = 1000;

  private static final Comparator<Alarm> ORDER =
      Comparator.<Alarm, Long>comparing(Alarm::member, Long::compareUnsigned)
          .thenComparing(Alarm::type);

  private final List<Alarm> standing;
  private final boolean noSpace;
  private final boolean corrupt;

  private Alarms(List<Alarm> standing) {
    this.standing = List.copyOf(standing);
    noSpace = standing.stream().anyMatch(alarm -> alarm.type() == Alarm.NOSPACE);
    corrupt = standing.stream().anyMatch(alarm -> alarm.type() == Alarm.CORRUPT);
  }

  /** By member, then type. */
  List<Alarm> list() {
    return standing;
  }

  boolean full() {
    return standing.size() >= MOST;
  }

  Alarms with(Alarm alarm) {
    if (standing.contains(alarm)) {
      return this;
    }
    var more = new ArrayList<>(standing);
    more.add(alarm);
    more.sort(ORDER);
    return new Alarms(more);
  }

  Alarms without(Alarm alarm) {
    var fewer = new ArrayList<>(standing);
    return fewer.remove(alarm) ? new Alarms(fewer) : this;
  }

  /**
   * Why a command is not carried out while these alarms stand, or null. As etcd: corruption stops
   * every change of data; want of space stops what adds data.
   */
  StoreError refusal(Command command) throws InvalidProtocolBufferException {
    if (corrupt && changes(command)) {
      return StoreError.CORRUPT;
    }
    return noSpace && Growth.adds(command) ? StoreError.NO_SPACE : null;
  }

  private static boolean changes(Command command) throws InvalidProtocolBufferException {
    return switch (command.kind()) {
      case PUT, TIMED_PUT, DELETE_RANGE, COMPACT, LEASE_GRANT, LEASE_REVOKE, LEASE_EXPIRE -> true;
      case TXN -> !onlyReads(TxnRequest.parseFrom(command.payload()));
      case LEASE_CHECKPOINT, ALARM, MEMBER -> false;
    };
  }

  /** As etcd tells it, a transaction in the transaction does not count as a read. */
  private static boolean onlyReads(TxnRequest txn) {
    return txn.getSuccessList().stream().allMatch(op -> op.hasRequestRange())
        && txn.getFailureList().stream().allMatch(op -> op.hasRequestRange());
  }

  byte[] encode() {
    var row = ByteBuffer.allocate(4 + 12 * standing.size()).putInt(standing.size());
    standing.forEach(alarm -> row.putLong(alarm.member()).putInt(alarm.type()));
    return row.array();
  }

  /**
   * @param row null for a database that never had an alarm
   */
  static Alarms decode(byte[] row) {
    if (row == null) {
      return NONE;
    }
    var bytes = ByteBuffer.wrap(row);
    var alarms = new ArrayList<Alarm>();
    for (int i = bytes.getInt(); i > 0; i--) {
      alarms.add(new Alarm(bytes.getLong(), bytes.getInt()));
    }
    return new Alarms(alarms);
  }
}
