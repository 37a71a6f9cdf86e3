package dev.kelvin.member;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.store.Feed;
import dev.kelvin.store.FileStoreDirectory;
import dev.kelvin.store.Store;
import dev.kelvin.store.StoreConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DefragmentationTest {
  @TempDir private Path dir;

  private final List<Throwable> fatal = new ArrayList<>();
  private Store store;
  private volatile long usable = Long.MAX_VALUE;
  private volatile CountDownLatch looks = new CountDownLatch(1);
  private Defragmentation defragmentation;

  @BeforeEach
  void open() {
    store = Store.open(FileStoreDirectory.open(dir), StoreConfig.sized(8 << 20, 64 << 20));
    defragmentation =
        new Defragmentation(
            store,
            () -> {
              looks.countDown();
              return usable;
            },
            1000,
            fatal::add);
    var feed = new Feed(store);
    var random = new Random(1);
    var value = new byte[32 << 10];
    for (int i = 0; i < 100; i++) {
      random.nextBytes(value);
      feed.add(
          PutRequest.newBuilder()
              .setKey(ByteString.copyFromUtf8("k"))
              .setValue(ByteString.copyFrom(value))
              .build());
    }
    feed.add(Feed.compaction(100));
    feed.apply();
  }

  @AfterEach
  void close() {
    defragmentation.close();
    store.close();
    assertEquals(List.of(), fatal);
  }

  private void awaitLook() throws InterruptedException {
    assertTrue(looks.await(10, TimeUnit.SECONDS));
    looks = new CountDownLatch(1);
  }

  private void awaitSize(long below) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (store.sizeOnDisk() >= below) {
      assertTrue(System.nanoTime() < deadline, () -> store.sizeOnDisk() + " bytes on disk");
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  @Test
  void waitsForTheRowsToBeRemovedThenGivesTheirSpaceBack() throws Exception {
    long before = store.sizeOnDisk();
    assertTrue(before > 3 << 20, before + " bytes");
    defragmentation.begin();
    // While it waits for the first, the second has nothing to do.
    defragmentation.begin();
    assertEquals(1, looks.getCount(), "not begun");
    while (store.housekeep()) {
      assertTrue(store.hasHousekeeping() || store.physicallyCompacted() == 100);
    }
    awaitLook();
    awaitSize(before / 4);
  }

  @Test
  void withoutRoomForTheNewFilesItIsNotBegun() throws Exception {
    while (store.housekeep()) {
      assertTrue(store.compactRevision() == 100);
    }
    long before = store.sizeOnDisk();
    usable = before + 999;
    defragmentation.begin();
    awaitLook();
    // The next is let in when this one has ended.
    beginUntilLooked();
    assertTrue(store.sizeOnDisk() >= before);
    usable = before + 1_000_000;
    beginUntilLooked();
    awaitSize(before / 4);
  }

  private void beginUntilLooked() throws InterruptedException {
    do {
      defragmentation.begin();
    } while (!looks.await(5, TimeUnit.MILLISECONDS));
    looks = new CountDownLatch(1);
  }
}
