package dev.kelvin.store;

import static dev.kelvin.store.Feed.bytes;
import static dev.kelvin.store.Feed.delete;
import static dev.kelvin.store.Feed.grant;
import static dev.kelvin.store.Feed.put;
import static dev.kelvin.store.Feed.range;
import static dev.kelvin.store.Feed.revoke;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.kelvin.proto.etcdserverpb.LeaseGrantResponse;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeResponse;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.sim.SimStoreDirectory;
import dev.kelvin.store.LeaseCommand.Checkpoint.Remaining;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeaseTest {
  private static final long LEASE = 7;

  private final Store store = Store.open(new SimStoreDirectory(), StoreConfig.simulated());
  private final Feed feed = new Feed(store);
  private final List<Object> told = new ArrayList<>();

  LeaseTest() {
    store.listen(
        new LeaseListener() {
          @Override
          public void changed(List<LeaseChange> changes) {
            told.addAll(changes);
          }

          @Override
          public void replaced() {
            told.add("replaced");
          }
        });
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static Outcome failed(StoreError error) {
    return new Outcome.Failed(error);
  }

  private List<String> keys() {
    return store.leaseKeys(LEASE).keys().stream().map(k -> k.toStringUtf8()).toList();
  }

  @Test
  void aGrantChangesNoRevisionAndAnIdIsGivenOnce() {
    var header = Applier.header(1);
    assertEquals(
        new Outcome.Done(
            LeaseGrantResponse.newBuilder().setHeader(header).setID(LEASE).setTTL(10).build()),
        feed.run(grant(LEASE, 10)));
    assertEquals(failed(StoreError.LEASE_EXISTS), feed.run(grant(LEASE, 20)));
    assertEquals(1, store.revision());
    assertEquals(new Lease(LEASE, 10, 0), store.lease(LEASE));
    assertEquals(List.of(new LeaseChange.Granted(LEASE, 10, false)), told);
  }

  @Test
  void aPutWithAnUnknownLeaseIsRefusedAndAWholeTransactionWithIt() {
    assertEquals(failed(StoreError.LEASE_NOT_FOUND), feed.run(put("a", "1", LEASE)));
    var txn =
        TxnRequest.newBuilder()
            .addSuccess(RequestOp.newBuilder().setRequestPut(put("a", "1")))
            .addSuccess(RequestOp.newBuilder().setRequestPut(put("b", "1", LEASE)));
    assertEquals(failed(StoreError.LEASE_NOT_FOUND), feed.run(txn.build()));
    assertEquals(1, store.revision());
  }

  @Test
  void aKeyIsOnTheLeaseOfItsLastPut() {
    feed.run(grant(LEASE, 10));
    feed.run(grant(8, 10));
    feed.run(put("a", "1", LEASE));
    feed.run(put("b", "1", LEASE));
    feed.run(put("c", "1", LEASE));
    feed.run(put("d", "1", LEASE));
    feed.run(PutRequest.newBuilder().setKey(bytes("a")).setIgnoreLease(true).build());
    feed.run(put("b", "2"));
    feed.run(put("c", "2", 8));
    feed.run(delete("d", ""));
    assertEquals(List.of("a"), keys());
    assertEquals(LEASE, feed.read(range("a", "")).getKvs(0).getLease());
    assertEquals(List.of(bytes("c")), store.leaseKeys(8).keys());
  }

  @Test
  void aRevocationDeletesAllKeysInOneRevision() {
    feed.run(grant(LEASE, 10));
    feed.run(put("b", "1", LEASE));
    feed.run(put("a", "1", LEASE));
    feed.run(put("c", "1"));
    // In one batch with a put on it: it goes too.
    feed.add(put("d", "1", LEASE));
    long request = feed.add(revoke(LEASE));
    feed.apply();
    assertEquals(
        new Outcome.Done(LeaseRevokeResponse.newBuilder().setHeader(Applier.header(6)).build()),
        feed.outcomes.get(request));
    assertEquals(6, store.revision());
    var gone = new ArrayList<String>();
    store.changes(6, Long.MAX_VALUE, c -> gone.add(c.deletion() + c.kv().getKey().toStringUtf8()));
    assertEquals(List.of("truea", "trueb", "trued"), gone);
    assertEquals(1, feed.read(range("a", "z")).getCount());
    assertNull(store.lease(LEASE));
    assertNull(store.leaseKeys(LEASE));
    assertEquals(failed(StoreError.LEASE_NOT_FOUND), feed.run(revoke(LEASE)));
    assertEquals(new LeaseChange.Gone(LEASE), told.getLast());
  }

  @Test
  void aLeaseThatIsGrantedAgainHasNoneOfTheOldKeys() {
    feed.run(grant(LEASE, 10));
    feed.run(put("a", "1", LEASE));
    feed.add(revoke(LEASE));
    feed.add(grant(LEASE, 20));
    feed.add(put("b", "1", LEASE));
    feed.apply();
    assertEquals(List.of("b"), keys());
    assertEquals(20, store.lease(LEASE).ttl());
  }

  @Test
  void whatWasDecidedInAnotherTermIsVoid() {
    feed.run(grant(LEASE, 10));
    feed.run(put("a", "1", LEASE));
    var old = Feed.TERM - 1;
    assertEquals(failed(StoreError.OTHER_TERM), feed.run(new LeaseCommand.Expire(old, LEASE)));
    assertEquals(
        failed(StoreError.OTHER_TERM),
        feed.run(new LeaseCommand.Checkpoint(old, List.of(new Remaining(LEASE, 3)))));
    assertEquals(new Lease(LEASE, 10, 0), store.lease(LEASE));
    assertEquals(new Outcome.DutyDone(), feed.run(new LeaseCommand.Expire(Feed.TERM, LEASE)));
    assertEquals(0, feed.read(range("a", "")).getCount());
    assertEquals(3, store.revision());
  }

  @Test
  void aCheckpointNotesWhatRemainsOfTheLeasesThereAre() {
    feed.run(grant(LEASE, 10));
    var noted = List.of(new Remaining(99, 5), new Remaining(LEASE, 3));
    assertEquals(new Outcome.DutyDone(), feed.run(new LeaseCommand.Checkpoint(Feed.TERM, noted)));
    assertEquals(new Lease(LEASE, 10, 3), store.lease(LEASE));
    assertEquals(3, store.lease(LEASE).due());
    assertNull(store.lease(99));
    assertEquals(new LeaseChange.Checkpointed(LEASE, 3), told.getLast());
    var whole = List.of(new Remaining(LEASE, 0));
    feed.run(new LeaseCommand.Checkpoint(Feed.TERM, whole));
    assertEquals(10, store.lease(LEASE).due());
    assertEquals(1, store.revision());
  }

  @Test
  void bytesThatAreNoCommandDoNothing() {
    feed.run(grant(LEASE, 10));
    long expiry = feed.add(CommandKind.LEASE_EXPIRE, new byte[9]);
    long checkpoint = feed.add(CommandKind.LEASE_CHECKPOINT, new byte[20]);
    feed.apply();
    assertEquals(failed(StoreError.MALFORMED), feed.outcomes.get(expiry));
    assertEquals(failed(StoreError.MALFORMED), feed.outcomes.get(checkpoint));
    assertEquals(new Lease(LEASE, 10, 0), store.lease(LEASE));
  }

  @Test
  void anInstallBringsTheLeasesOfTheSnapshot() {
    feed.run(grant(LEASE, 10));
    feed.run(put("a", "1", LEASE));
    try (var other = Store.open(new SimStoreDirectory(), StoreConfig.simulated())) {
      other.listen(
          new LeaseListener() {
            @Override
            public void changed(List<LeaseChange> changes) {
              told.addAll(changes);
            }

            @Override
            public void replaced() {
              told.add(other.leases());
            }
          });
      new Feed(other).run(grant(9, 10));
      other.install(store.checkpoint());
      assertEquals(List.of(new Lease(LEASE, 10, 0)), told.getLast());
      assertNull(other.lease(9));
      assertEquals(List.of(bytes("a")), other.leaseKeys(LEASE).keys());
    }
  }
}
