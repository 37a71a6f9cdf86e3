package dev.kelvin.store;

import static dev.kelvin.store.Feed.bytes;
import static dev.kelvin.store.Feed.delete;
import static dev.kelvin.store.Feed.put;
import static dev.kelvin.store.Feed.range;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.sim.SimStoreDirectory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Keys that are put for a time, each with a lease of its own. */
class TimedPutTest {
  private static final long LEASE = 7;

  private final SimStoreDirectory directory = new SimStoreDirectory();
  private final Store store = Store.open(directory, StoreConfig.simulated());
  private final Feed feed = new Feed(store);
  private final List<LeaseChange> told = new ArrayList<>();

  TimedPutTest() {
    store.listen(
        new LeaseListener() {
          @Override
          public void changed(List<LeaseChange> changes) {
            told.addAll(changes);
          }

          @Override
          public void replaced() {}
        });
  }

  @AfterEach
  void close() {
    store.close();
  }

  private Outcome run(long seconds, PutRequest put) {
    return run(new TimedPut(seconds, put).encode());
  }

  private Outcome run(byte[] payload) {
    long request = feed.add(CommandKind.TIMED_PUT, payload);
    feed.apply();
    return feed.outcomes.get(request);
  }

  private String value(String key) {
    var found = feed.read(range(key, ""));
    return found.getKvsCount() == 0 ? null : found.getKvs(0).getValue().toStringUtf8();
  }

  private List<Long> leases() {
    return store.leases().stream().map(Lease::id).sorted().toList();
  }

  @Test
  void theKeyGoesWithTheLeaseInOneRevisionEach() {
    assertEquals(new Outcome.PutDone(2), run(1, put("k", "v", LEASE)));
    assertEquals("v", value("k"));
    assertEquals(new Lease(LEASE, 1, 0, true), store.lease(LEASE));
    assertEquals(List.of(bytes("k")), store.leaseKeys(LEASE).keys());
    assertEquals(List.of(new LeaseChange.Granted(LEASE, 1, true)), told);

    assertEquals(new Outcome.DutyDone(), feed.run(new LeaseCommand.Expire(Feed.TERM, LEASE)));
    assertNull(value("k"));
    assertEquals(3, store.revision());
    assertEquals(
        List.of(new LeaseChange.Granted(LEASE, 1, true), new LeaseChange.Gone(LEASE)), told);
  }

  @Test
  void leasesOfOverwrittenKeysDoNotPileUp() {
    for (long id = 1; id <= 100; id++) {
      run(1000, put("k", "v" + id, id));
    }
    assertEquals(List.of(100L), leases());
    feed.run(put("k", "for ever"));
    assertEquals(List.of(), leases());
    run(1000, put("k", "again", LEASE));
    feed.run(delete("k", ""));
    assertEquals(List.of(), leases());
    assertNull(store.leaseKeys(LEASE));
  }

  @Test
  void inOneBatchTheLastOneCounts() {
    feed.add(CommandKind.TIMED_PUT, new TimedPut(10, put("k", "1", 1)).encode());
    feed.add(put("k", "2"));
    feed.add(CommandKind.TIMED_PUT, new TimedPut(10, put("k", "3", 3)).encode());
    feed.apply();
    assertEquals(List.of(3L), leases());
    assertEquals(List.of(bytes("k")), store.leaseKeys(3).keys());
  }

  @Test
  void aLeaseThatOtherKeysJoinedIsOneLikeAnyOther() {
    run(10, put("k", "v", LEASE));
    feed.run(put("other", "v", LEASE));
    assertEquals(new Lease(LEASE, 10, 0), store.lease(LEASE));
    feed.run(put("k", "for ever"));
    assertEquals(List.of(LEASE), leases());
    feed.run(new LeaseCommand.Expire(Feed.TERM, LEASE));
    assertNull(value("other"));
    assertEquals("for ever", value("k"));
  }

  @Test
  void aTransactionThatTakesTheKeyAwayAndGivesTheLeaseToAnotherKeepsIt() {
    run(10, put("k", "v", LEASE));
    var txn =
        TxnRequest.newBuilder()
            .addSuccess(RequestOp.newBuilder().setRequestPut(put("k", "for ever")))
            .addSuccess(RequestOp.newBuilder().setRequestPut(put("other", "v", LEASE)))
            .build();
    feed.run(txn);
    assertEquals(new Lease(LEASE, 10, 0), store.lease(LEASE));
    assertEquals(List.of(bytes("other")), store.leaseKeys(LEASE).keys());
  }

  @Test
  void anEtcdPutThatKeepsTheLeaseKeepsTheTime() {
    run(10, put("k", "v", LEASE));
    feed.run(put("k", "w").toBuilder().setIgnoreLease(true).build());
    assertEquals("w", value("k"));
    assertEquals(new Lease(LEASE, 10, 0, true), store.lease(LEASE));
    feed.run(
        new LeaseCommand.Checkpoint(
            Feed.TERM, List.of(new LeaseCommand.Checkpoint.Remaining(LEASE, 3))));
    assertEquals(new Lease(LEASE, 10, 3, true), store.lease(LEASE));
  }

  @Test
  void whatIsNoTimedPutChangesNothing() {
    var malformed = new Outcome.Failed(StoreError.MALFORMED);
    assertEquals(malformed, run(0, put("k", "v", LEASE)));
    assertEquals(malformed, run(-1, put("k", "v", LEASE)));
    assertEquals(malformed, run(1, put("k", "v")));
    assertEquals(malformed, run(1, put("k", "v", LEASE).toBuilder().setIgnoreLease(true).build()));
    assertEquals(malformed, run(new byte[7]));
    assertEquals(malformed, run(new byte[] {0, 0, 0, 0, 0, 0, 0, 1, (byte) 0xff}));
    feed.run(Feed.grant(LEASE, 10));
    assertEquals(new Outcome.Failed(StoreError.LEASE_EXISTS), run(1, put("k", "v", LEASE)));
    assertNull(value("k"));
    assertEquals(1, store.revision());
  }

  @Test
  void aRestartKnowsWhoseALeaseIs() {
    run(10, put("k", "v", LEASE));
    store.flush();
    store.close();
    try (var again = Store.open(directory, StoreConfig.simulated())) {
      assertEquals(new Lease(LEASE, 10, 0, true), again.lease(LEASE));
    }
  }

  @Test
  void theBytesAreTheSecondsAndThePut() {
    var put = put("k", "v", LEASE);
    var encoded = ByteString.copyFrom(new TimedPut(0x0102, put).encode());
    assertEquals(
        ByteString.copyFrom(new byte[] {0, 0, 0, 0, 0, 0, 1, 2}).concat(put.toByteString()),
        encoded);
  }
}
