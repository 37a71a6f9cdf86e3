package dev.kelvin.store;

import static dev.kelvin.store.Feed.compaction;
import static dev.kelvin.store.Feed.delete;
import static dev.kelvin.store.Feed.grant;
import static dev.kelvin.store.Feed.put;
import static dev.kelvin.store.Feed.range;
import static dev.kelvin.store.Feed.revoke;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.google.protobuf.MessageLite;
import dev.kelvin.proto.etcdserverpb.AlarmRequest;
import dev.kelvin.proto.etcdserverpb.AlarmRequest.AlarmAction;
import dev.kelvin.proto.etcdserverpb.AlarmResponse;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.sim.SimStoreDirectory;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AlarmTest {
  private static final long MEMBER = 0xfedcba9876543210L;
  private static final Alarm NOSPACE = new Alarm(MEMBER, Alarm.NOSPACE);
  private static final Alarm CORRUPT = new Alarm(7, Alarm.CORRUPT);
  private static final Outcome.Failed FULL = new Outcome.Failed(StoreError.NO_SPACE);
  private static final Outcome.Failed STOPPED = new Outcome.Failed(StoreError.CORRUPT);

  private final SimStoreDirectory directory = new SimStoreDirectory();
  private Store store = Store.open(directory, StoreConfig.simulated());
  private final Feed feed = new Feed(store);

  @AfterEach
  void close() {
    store.close();
  }

  private static AlarmRequest request(AlarmAction action, Alarm alarm) {
    return AlarmRequest.newBuilder()
        .setAction(action)
        .setMemberID(alarm.member())
        .setAlarmValue(alarm.type())
        .build();
  }

  private static AlarmRequest raise(Alarm alarm) {
    return request(AlarmAction.ACTIVATE, alarm);
  }

  private static AlarmRequest disarm(Alarm alarm) {
    return request(AlarmAction.DEACTIVATE, alarm);
  }

  private List<Alarm> said(MessageLite request) {
    var done = assertInstanceOf(Outcome.Done.class, feed.run(request));
    var response = (AlarmResponse) done.response();
    assertEquals(store.revision(), response.getHeader().getRevision());
    return response.getAlarmsList().stream()
        .map(alarm -> new Alarm(alarm.getMemberID(), alarm.getAlarmValue()))
        .toList();
  }

  private static RequestOp op(MessageLite request) {
    var op = RequestOp.newBuilder();
    return switch (request) {
      case PutRequest put -> op.setRequestPut(put).build();
      case RangeRequest get -> op.setRequestRange(get).build();
      case TxnRequest txn -> op.setRequestTxn(txn).build();
      default -> throw new IllegalArgumentException(request.getClass().getName());
    };
  }

  private static TxnRequest then(MessageLite request) {
    return TxnRequest.newBuilder().addSuccess(op(request)).build();
  }

  private static TxnRequest otherwise(MessageLite request) {
    return TxnRequest.newBuilder().addFailure(op(request)).build();
  }

  private void assertDone(MessageLite request) {
    var outcome = feed.run(request);
    assertEquals(false, outcome instanceof Outcome.Failed, () -> request + ": " + outcome);
  }

  @Test
  void anAlarmStandsOnceUntilItIsDisarmed() {
    assertEquals(List.of(NOSPACE), said(raise(NOSPACE)));
    assertEquals(List.of(NOSPACE), said(raise(NOSPACE)));
    assertEquals(List.of(CORRUPT), said(raise(CORRUPT)));
    assertEquals(List.of(CORRUPT, NOSPACE), store.alarms(), "by member, unsigned");
    assertEquals(List.of(NOSPACE), said(disarm(NOSPACE)));
    assertEquals(List.of(), said(disarm(NOSPACE)));
    assertEquals(List.of(CORRUPT), store.alarms());
  }

  @Test
  void aTypeOfZeroIsNoneAndAnUnknownTypeIsKept() {
    assertEquals(List.of(), said(raise(new Alarm(MEMBER, 0))));
    assertEquals(List.of(), said(disarm(new Alarm(MEMBER, 0))));
    var unknown = new Alarm(9, 6);
    assertEquals(List.of(unknown), said(raise(unknown)));
    assertEquals(List.of(unknown), store.alarms());
    assertDone(put("a", "1"));
    assertEquals("memberID:9 alarm:6", unknown.toString());
    assertEquals("memberID:18364758544493064720 alarm:NOSPACE", NOSPACE.toString());
  }

  @Test
  void withoutSpaceNothingIsAddedAndTheRestGoesOn() {
    assertDone(put("a", "1"));
    assertDone(grant(1, 10));
    feed.run(raise(NOSPACE));
    long revision = store.revision();
    assertEquals(FULL, feed.run(put("a", "2")));
    assertEquals(FULL, feed.run(grant(2, 10)));
    assertEquals(FULL, feed.run(then(put("a", "2"))));
    assertEquals(FULL, feed.run(otherwise(put("a", "2"))), "not taken, but it might have been");
    assertEquals(FULL, feed.run(then(then(put("a", "2")))));
    assertEquals(revision, store.revision());
    assertEquals("1", feed.read(range("a", "")).getKvs(0).getValue().toStringUtf8());
    assertDone(then(range("a", "")));
    assertDone(delete("a", ""));
    assertDone(revoke(1));
    assertDone(compaction(store.revision()));
    feed.run(disarm(NOSPACE));
    assertDone(put("a", "3"));
    assertDone(grant(2, 10));
  }

  @Test
  void corruptDataAreOnlyRead() {
    assertDone(put("a", "1"));
    assertDone(grant(1, 10));
    feed.run(raise(NOSPACE));
    feed.run(raise(CORRUPT));
    long revision = store.revision();
    assertEquals(STOPPED, feed.run(put("a", "2")));
    assertEquals(STOPPED, feed.run(delete("a", "")));
    assertEquals(STOPPED, feed.run(compaction(revision)));
    assertEquals(STOPPED, feed.run(grant(2, 10)));
    assertEquals(STOPPED, feed.run(revoke(1)));
    assertEquals(STOPPED, feed.run(new LeaseCommand.Expire(Feed.TERM, 1)));
    assertEquals(STOPPED, feed.run(then(put("a", "2"))));
    assertEquals(STOPPED, feed.run(then(then(range("a", "")))), "as etcd");
    assertDone(then(range("a", "")));
    assertEquals(revision, store.revision());
    assertEquals(new Lease(1, 10, 0), store.lease(1));
    feed.run(disarm(CORRUPT));
    assertEquals(FULL, feed.run(put("a", "2")));
  }

  @Test
  void withinABatchAnAlarmHoldsForWhatComesAfterIt() {
    long before = feed.add(put("a", "1"));
    feed.add(raise(NOSPACE));
    long during = feed.add(put("a", "2"));
    feed.add(disarm(NOSPACE));
    long after = feed.add(put("a", "3"));
    feed.apply();
    assertEquals(new Outcome.PutDone(2), feed.outcomes.get(before));
    assertEquals(FULL, feed.outcomes.get(during));
    assertEquals(new Outcome.PutDone(3), feed.outcomes.get(after));
    assertEquals(List.of(), store.alarms());
  }

  @Test
  void alarmsOutliveAProcessAndTravelWithASnapshot() {
    feed.run(raise(NOSPACE));
    feed.run(raise(CORRUPT));
    store.flush();
    store.close();
    store = Store.open(directory, StoreConfig.simulated());
    assertEquals(List.of(CORRUPT, NOSPACE), store.alarms());
    try (var other = Store.open(new SimStoreDirectory(), StoreConfig.simulated())) {
      other.install(store.checkpoint());
      assertEquals(List.of(CORRUPT, NOSPACE), other.alarms());
    }
  }

  @Test
  void thereIsAnEndToAlarms() {
    for (int i = 0; i < Alarms.MOST; i++) {
      feed.add(raise(new Alarm(i, Alarm.CORRUPT)));
    }
    feed.apply();
    assertEquals(Alarms.MOST, store.alarms().size());
    assertEquals(
        new Outcome.Failed(StoreError.TOO_MANY_ALARMS),
        feed.run(raise(new Alarm(5000, Alarm.CORRUPT))));
    assertEquals(List.of(new Alarm(5, Alarm.CORRUPT)), said(raise(new Alarm(5, Alarm.CORRUPT))));
    assertEquals(Alarms.MOST, store.alarms().size());
  }
}
