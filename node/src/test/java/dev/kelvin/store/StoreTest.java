package dev.kelvin.store;

import static dev.kelvin.store.Feed.bytes;
import static dev.kelvin.store.Feed.compaction;
import static dev.kelvin.store.Feed.delete;
import static dev.kelvin.store.Feed.put;
import static dev.kelvin.store.Feed.range;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.proto.etcdserverpb.Compare;
import dev.kelvin.proto.etcdserverpb.DeleteRangeResponse;
import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.proto.etcdserverpb.TxnResponse;
import dev.kelvin.sim.SimStoreDirectory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {
  private final SimStoreDirectory directory = new SimStoreDirectory();
  private Store store;
  private Feed feed;

  @BeforeEach
  void open() {
    store = Store.open(directory, StoreConfig.simulated());
    feed = new Feed(store);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void theFirstPutMakesRevisionTwo() {
    assertEquals(1, store.revision());
    assertEquals(new Outcome.PutDone(2), feed.run(put("a", "1")));
    assertEquals(new Outcome.PutDone(3), feed.run(put("a", "2")));
    var kv = feed.read(range("a", "")).getKvs(0);
    assertEquals(bytes("2"), kv.getValue());
    assertEquals(2, kv.getCreateRevision());
    assertEquals(3, kv.getModRevision());
    assertEquals(2, kv.getVersion());
  }

  @Test
  void aRangeAtAnOldRevisionSeesWhatWasThen() {
    feed.run(put("a", "1"));
    feed.run(put("b", "1"));
    feed.run(delete("a", ""));
    feed.run(put("b", "2"));
    var then = feed.read(range("a", "\0").toBuilder().setRevision(3).build());
    assertEquals(2, then.getCount());
    assertEquals(bytes("1"), then.getKvs(1).getValue());
    assertEquals(5, then.getHeader().getRevision());
    assertEquals(1, feed.read(range("a", "\0")).getCount());
  }

  @Test
  void aLimitCutsTheAnswerButNotTheCount() {
    for (int i = 0; i < 5; i++) {
      feed.run(put("k" + i, ""));
    }
    var response = feed.read(range("k", "l").toBuilder().setLimit(2).build());
    assertEquals(2, response.getKvsCount());
    assertEquals(5, response.getCount());
    assertTrue(response.getMore());
  }

  @Test
  void aDeleteOfNothingTakesNoRevision() {
    feed.run(put("a", "1"));
    var response = (DeleteRangeResponse) ((Outcome.Done) feed.run(delete("x", "z"))).response();
    assertEquals(2, response.getHeader().getRevision());
    assertEquals(2, store.revision());
  }

  @Test
  void aTransactionIsOneRevisionAndSeesItsOwnWrites() {
    feed.run(put("a", "1"));
    var request =
        TxnRequest.newBuilder()
            .addCompare(
                Compare.newBuilder()
                    .setKey(bytes("a"))
                    .setTarget(Compare.CompareTarget.MOD)
                    .setModRevision(2))
            .addSuccess(RequestOp.newBuilder().setRequestPut(put("b", "1")))
            .addSuccess(RequestOp.newBuilder().setRequestDeleteRange(delete("a", "")))
            .addSuccess(RequestOp.newBuilder().setRequestRange(range("a", "z")))
            .build();
    var response = (TxnResponse) ((Outcome.Done) feed.run(request)).response();
    assertTrue(response.getSucceeded());
    assertEquals(3, response.getHeader().getRevision());
    var read = response.getResponses(2).getResponseRange();
    assertEquals(1, read.getCount());
    assertEquals(bytes("b"), read.getKvs(0).getKey());
    assertEquals(3, store.revision());
  }

  @Test
  void aRefusalInATransactionHasNoEffect() {
    var request =
        TxnRequest.newBuilder()
            .addSuccess(RequestOp.newBuilder().setRequestPut(put("b", "1")))
            .addSuccess(
                RequestOp.newBuilder().setRequestPut(put("x", "").toBuilder().setIgnoreValue(true)))
            .build();
    assertEquals(new Outcome.Failed(StoreError.KEY_NOT_FOUND), feed.run(request));
    assertEquals(0, feed.read(range("b", "")).getCount());
    assertEquals(1, store.revision());
  }

  @Test
  void aRevisionBelowZeroIsTheCurrentOneInARangeAndCompactedInATransaction() {
    feed.run(put("a", "1"));
    feed.run(put("a", "2"));
    feed.run(compaction(2));
    var below = range("a", "").toBuilder().setRevision(-1).build();
    assertEquals(bytes("2"), feed.read(below).getKvs(0).getValue());
    var request =
        TxnRequest.newBuilder()
            .addSuccess(RequestOp.newBuilder().setRequestRange(below))
            .addSuccess(RequestOp.newBuilder().setRequestPut(put("b", "1")))
            .build();
    assertEquals(new Outcome.Failed(StoreError.COMPACTED), feed.run(request));
    assertEquals(3, store.revision());
  }

  @Test
  void compactionRefusesWhatIsGoneAndRemovesItLater() {
    for (int i = 0; i < 10; i++) {
      feed.run(put("a", "" + i));
    }
    feed.run(delete("a", ""));
    feed.run(put("b", "1"));
    var before = store.hash(HashKVRequest.getDefaultInstance());
    feed.run(compaction(12));
    assertEquals(
        new Outcome.Failed(StoreError.COMPACTED),
        store.range(range("a", "").toBuilder().setRevision(11).build(), false));
    assertEquals(new Outcome.Failed(StoreError.COMPACTED), feed.run(compaction(12)));
    assertEquals(new Outcome.Failed(StoreError.FUTURE_REVISION), feed.run(compaction(99)));
    var compacted = store.hash(HashKVRequest.getDefaultInstance());
    assertFalse(before.equals(compacted));
    assertTrue(store.hasHousekeeping());
    while (store.housekeep()) {
      assertTrue(store.physicallyCompacted() <= 12);
    }
    assertEquals(12, store.physicallyCompacted());
    assertEquals(compacted, store.hash(HashKVRequest.getDefaultInstance()));
    assertEquals(1, feed.read(range("\0", "\0")).getCount());
  }

  @Test
  void aPowerLossGoesBackToWhatWasFlushed() {
    feed.run(put("a", "1"));
    store.flush();
    assertEquals(new Position(1, 1), store.durable());
    feed.run(put("a", "2"));
    assertEquals(new Position(1, 1), store.durable());
    store.close();
    open();
    assertEquals(new Position(1, 1), store.applied());
    assertEquals(2, store.revision());
    assertEquals(bytes("1"), feed.read(range("a", "")).getKvs(0).getValue());
  }

  @Test
  void aCheckpointInstalledElsewhereIsTheSameState() {
    feed.run(put("a", "1"));
    feed.run(new MemberChange.Found(9, member(1, "http://a:1", false)));
    var snapshot = store.checkpoint();
    assertEquals(2, snapshot.meta().index());
    feed.run(put("a", "2"));
    try (var other = Store.open(new SimStoreDirectory(), StoreConfig.simulated())) {
      other.install(snapshot);
      assertEquals(2, other.applied().index());
      assertEquals(9, other.cluster().id());
      assertEquals(bytes("1"), new Feed(other).read(range("a", "")).getKvs(0).getValue());
      assertThrows(
          StateMachine.BadSnapshotException.class,
          () -> other.install(new StateMachine.Snapshot(snapshot.meta(), directory.fresh())));
      assertEquals(2, other.applied().index());
    }
  }

  @Test
  void itOpensAgainFromFiles(@TempDir Path path) {
    try (var files =
        Store.open(FileStoreDirectory.open(path), StoreConfig.sized(8 << 20, 8 << 20))) {
      new Feed(files).run(put("a", "1"));
      var snapshot = files.checkpoint();
      files.install(snapshot);
    }
    try (var files =
        Store.open(FileStoreDirectory.open(path), StoreConfig.sized(8 << 20, 8 << 20))) {
      assertEquals(2, files.revision());
      assertEquals(1, new Feed(files).read(range("a", "")).getCount());
    }
  }

  @Test
  void membersComeAndGo() {
    feed.run(new MemberChange.Found(9, member(1, "http://a:1", false)));
    feed.run(new MemberChange.Add(member(2, "http://b:1", true)));
    assertEquals(
        new Outcome.Failed(StoreError.TOO_MANY_LEARNERS),
        feed.run(new MemberChange.Add(member(3, "http://c:1", true))));
    assertEquals(
        new Outcome.Failed(StoreError.PEER_URL_EXISTS),
        feed.run(new MemberChange.Add(member(3, "http://a:1", false))));
    feed.run(new MemberChange.Promote(2));
    feed.run(new MemberChange.Claim(2, 5, "two", List.of("http://b:1"), List.of(), 1));
    assertEquals(
        new Outcome.Failed(StoreError.IDENTITY_CLAIMED),
        feed.run(new MemberChange.Claim(2, 6, "two", List.of("http://b:1"), List.of(), 1)));
    feed.run(new MemberChange.Remove(1));
    assertEquals(
        new Outcome.Failed(StoreError.MEMBER_EXISTS),
        feed.run(new MemberChange.Add(member(1, "http://d:1", true))));
    assertEquals(7, feed.memberships.size());
    assertEquals(List.of(2L), List.copyOf(store.cluster().membership().voters()));
  }

  private static Member member(long id, String peerUrl, boolean learner) {
    return new Member(id, "", List.of(peerUrl), List.of(), learner, 0, 1);
  }
}
