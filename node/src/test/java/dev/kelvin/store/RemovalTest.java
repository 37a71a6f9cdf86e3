package dev.kelvin.store;

import static dev.kelvin.store.Feed.compaction;
import static dev.kelvin.store.Feed.delete;
import static dev.kelvin.store.Feed.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.sim.SimStoreDirectory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When what was compacted is gone, and when its space is. */
class RemovalTest {
  private final List<String> told = new ArrayList<>();

  @Test
  void whoWaitsIsToldWhenTheRowsAreGone() {
    try (var store = Store.open(new SimStoreDirectory(), StoreConfig.simulated())) {
      var feed = new Feed(store);
      for (int i = 0; i < 3000; i++) {
        feed.add(put("k", "v"));
      }
      feed.run(compaction(2000));
      store.whenRemoved(0, removed -> told.add("0 " + removed));
      store.whenRemoved(2000, removed -> told.add("2000 " + removed));
      store.whenRemoved(2500, removed -> told.add("2500 " + removed));
      assertEquals(List.of("0 true"), told);
      assertTrue(store.housekeep());
      assertEquals(List.of("0 true"), told, "a piece does not remove it all");
      while (store.housekeep()) {
        assertTrue(told.size() < 3);
      }
      assertEquals(List.of("0 true", "2000 true"), told);
      store.whenRemoved(1999, removed -> told.add("1999 " + removed));
      feed.run(compaction(2600));
      while (store.housekeep()) {
        assertTrue(told.size() < 5);
      }
      assertEquals(List.of("0 true", "2000 true", "1999 true", "2500 true"), told);
      store.whenRemoved(9999, removed -> told.add("9999 " + removed));
    }
    assertEquals("9999 false", told.getLast());
  }

  @Test
  void aSnapshotOfWhatIsRemovedAlreadyEndsTheWait() {
    try (var store = Store.open(new SimStoreDirectory(), StoreConfig.simulated());
        var other = Store.open(new SimStoreDirectory(), StoreConfig.simulated())) {
      var feed = new Feed(store);
      feed.run(put("k", "1"));
      feed.run(put("k", "2"));
      feed.run(compaction(3));
      while (store.housekeep()) {
        assertTrue(store.revision() == 3);
      }
      other.whenRemoved(3, removed -> told.add("3 " + removed));
      other.install(store.checkpoint());
      assertEquals(List.of("3 true"), told);
    }
  }

  private static PutRequest large(int key, Random random) {
    var value = new byte[32 << 10];
    random.nextBytes(value);
    return PutRequest.newBuilder()
        .setKey(ByteString.copyFromUtf8("k" + key))
        .setValue(ByteString.copyFrom(value))
        .build();
  }

  @Test
  void spaceIsGivenBackBesideReadsAndWrites(@TempDir Path dir) throws Exception {
    var config = StoreConfig.sized(8 << 20, 8 << 20);
    try (var store = Store.open(FileStoreDirectory.open(dir), config)) {
      var feed = new Feed(store);
      var random = new Random(7);
      for (int i = 0; i < 600; i++) {
        feed.add(large(i, random));
        if (i % 20 == 19) {
          feed.apply();
        }
      }
      feed.run(delete("k1", "k9"));
      feed.run(compaction(store.revision()));
      feed.run(put("after", "1"));
      feed.run(compaction(store.revision()));
      while (store.housekeep()) {
        assertTrue(store.compactRevision() > 0);
      }
      long before = store.sizeOnDisk();
      assertTrue(before > 10 << 20, before + " bytes");
      var reclaimed = new boolean[1];
      var thread = Thread.ofPlatform().start(() -> reclaimed[0] = store.reclaim());
      int written = 0;
      while (thread.isAlive() && written < 1000) {
        feed.run(put("beside", "w" + written));
        assertEquals(1, feed.read(Feed.range("beside", "")).getKvsCount());
        written++;
      }
      thread.join();
      assertTrue(reclaimed[0]);
      long after = store.sizeOnDisk();
      assertTrue(after < before / 3, before + " before, " + after + " after");
      assertEquals(12, feed.read(Feed.range("k", "l")).getCount(), "k0, k9, k90 to k99");
    }
  }

  @Test
  void aStoreIsClosedWithoutWaitingForItsSpace(@TempDir Path dir) throws Exception {
    var store = Store.open(FileStoreDirectory.open(dir), StoreConfig.sized(8 << 20, 8 << 20));
    var feed = new Feed(store);
    var random = new Random(7);
    for (int i = 0; i < 1500; i++) {
      feed.add(large(i, random));
      if (i % 100 == 99) {
        feed.apply();
      }
    }
    var begun = new CountDownLatch(1);
    var thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  begun.countDown();
                  try {
                    told.add("whole: " + store.reclaim());
                  } catch (IllegalStateException e) {
                    told.add(e.getMessage());
                  }
                });
    begun.await();
    store.close();
    assertTrue(thread.join(Duration.ofSeconds(20)), "goes on without a store");
    // By how far it came.
    var ends = Set.of("whole: true", "whole: false", "the store is closed");
    assertTrue(ends.contains(told.getFirst()), told.toString());
  }

  @Test
  void aClosedStoreGivesNothingBack(@TempDir Path dir) throws Exception {
    var config = StoreConfig.sized(8 << 20, 64 << 20);
    var store = Store.open(FileStoreDirectory.open(dir), config);
    new Feed(store).run(put("a", "1"));
    store.close();
    assertThrows(IllegalStateException.class, store::reclaim);
  }
}
