package dev.kelvin.store;

import static dev.kelvin.store.Feed.compaction;
import static dev.kelvin.store.Feed.delete;
import static dev.kelvin.store.Feed.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.sim.SimStoreDirectory;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.rocksdb.RocksDBException;

/** What compaction leaves on disk, counted in rows. */
class GarbageTest {
  private static final char EVENT = 'e';
  private final SimStoreDirectory directory = new SimStoreDirectory();

  @Test
  void onlyLiveRowsRemainOfWhatIsCompacted() throws Exception {
    try (var store = Store.open(directory, StoreConfig.simulated())) {
      var feed = new Feed(store);
      var random = new Random(3);
      for (int i = 0; i < 5000; i++) {
        var key = "k" + random.nextInt(40);
        feed.add(random.nextInt(5) == 0 ? delete(key, "") : put(key, "v"));
        if (i % 100 == 99) {
          feed.apply();
        }
        if (i % 700 == 699) {
          feed.run(compaction(store.revision() - random.nextInt(50)));
          store.housekeep();
        }
      }
      feed.apply();
      // A put last, so that no tombstone stands at the compacted revision.
      feed.run(put("k0", "last"));
      feed.run(compaction(store.revision()));
      int pieces = 0;
      while (store.housekeep()) {
        pieces++;
      }
      assertTrue(pieces > 0);
      assertFalse(store.hasHousekeeping());
      long keys = feed.read(Feed.range("a", "z")).getCount();
      var rows = rows(store);
      assertEquals(keys, rows.get((char) Rows.NOW));
      assertEquals(keys, rows.get((char) Rows.HISTORY));
      assertEquals(keys, rows.get(EVENT));
    }
  }

  @Test
  void aTombstoneAtTheCompactedRevisionStaysUntilTheNext() throws Exception {
    try (var store = Store.open(directory, StoreConfig.simulated())) {
      var feed = new Feed(store);
      feed.run(put("a", "1"));
      feed.run(delete("a", ""));
      feed.run(compaction(3));
      while (store.housekeep()) {
        assertFalse(store.hasHousekeeping());
      }
      assertEquals(1, rows(store).get(EVENT));
      feed.run(put("b", "1"));
      feed.run(compaction(4));
      while (store.housekeep()) {
        assertFalse(store.hasHousekeeping());
      }
      assertEquals(1, rows(store).get(EVENT));
      assertEquals(1, rows(store).get((char) Rows.HISTORY));
    }
  }

  @Test
  void housekeepingGoesOnWhereAPowerLossLeftIt() throws Exception {
    Outcome hash;
    try (var store = Store.open(directory, StoreConfig.simulated())) {
      var feed = new Feed(store);
      for (int i = 0; i < 3000; i++) {
        feed.add(put("k" + i % 7, "v" + i));
      }
      feed.apply();
      feed.run(compaction(3001));
      assertTrue(store.housekeep());
      assertEquals(0, store.physicallyCompacted());
      store.flush();
      assertTrue(store.housekeep());
      hash = store.hash(HashKVRequest.getDefaultInstance());
    }
    try (var store = Store.open(directory, StoreConfig.simulated())) {
      while (store.hasHousekeeping()) {
        assertTrue(store.housekeep());
      }
      assertEquals(3001, store.physicallyCompacted());
      assertEquals(hash, store.hash(HashKVRequest.getDefaultInstance()));
      assertEquals(7, rows(store).get(EVENT));
    }
  }

  /** Rows by table, as a checkpoint has them. */
  private TreeMap<Character, Long> rows(Store store) throws RocksDBException {
    var snapshot = store.checkpoint();
    var counts = new TreeMap<Character, Long>();
    try {
      var database =
          Database.open(directory.env(), snapshot.path(), StoreConfig.simulated(), false);
      try (var rows = database.db().newIterator();
          var events = database.db().newIterator(database.events())) {
        for (rows.seekToFirst(); rows.isValid(); rows.next()) {
          counts.merge((char) rows.key()[0], 1L, Long::sum);
        }
        for (events.seekToFirst(); events.isValid(); events.next()) {
          counts.merge(EVENT, 1L, Long::sum);
        }
      }
      database.retire();
    } finally {
      store.discard(snapshot);
    }
    return counts;
  }
}
