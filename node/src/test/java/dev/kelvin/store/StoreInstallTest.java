package dev.kelvin.store;

import static dev.kelvin.store.Feed.put;
import static dev.kelvin.store.Feed.range;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots installed in a store of real files that is in full use: a handle used late kills. */
class StoreInstallTest {
  private static final int INSTALLS = 100;
  private static final int KEYS = 200;
  private static final long PAUSE_NANOS = 200_000;

  @TempDir Path dir;

  @Test
  void aHundredInstallsUnderEveryKindOfRead() throws Exception {
    var config = StoreConfig.sized(4 << 20, 4 << 20);
    var sourceDirectory = FileStoreDirectory.open(dir.resolve("source"));
    var targetDirectory = FileStoreDirectory.open(dir.resolve("target"));
    var reads = new AtomicLong();
    try (var source = Store.open(sourceDirectory, config);
        var target = Store.open(targetDirectory, config);
        var threads = Executors.newFixedThreadPool(3)) {
      var feed = new Feed(source);
      // Twice, so that the revision before the last has every key too.
      write(feed, 0);
      write(feed, 0);
      install(source, target, targetDirectory);
      var stop = new AtomicBoolean();
      var readers = new ArrayList<Future<Void>>();
      readers.add(threads.submit(until(stop, reads, () -> whole(target), () -> old(target))));
      readers.add(
          threads.submit(
              until(stop, reads, () -> single(target, false), () -> single(target, true))));
      readers.add(threads.submit(until(stop, reads, () -> hash(target), () -> background(target))));
      try {
        for (int i = 1; i <= INSTALLS; i++) {
          write(feed, i);
          install(source, target, targetDirectory);
          assertEquals(source.applied(), target.applied());
          assertEquals(source.revision(), target.revision());
        }
      } finally {
        stop.set(true);
      }
      for (var reader : readers) {
        reader.get();
      }
      var now = HashKVRequest.newBuilder().setRevision(source.revision()).build();
      assertEquals(source.hash(now), target.hash(now));
    }
    assertTrue(reads.get() > INSTALLS, "reads: " + reads);
    // The live database and its name; nothing of the hundred before.
    try (Stream<Path> left = Files.list(dir.resolve("target"))) {
      assertEquals(2, left.count());
    }
  }

  /** Every key gets the same value, in one batch. */
  private static void write(Feed feed, int round) {
    for (int i = 0; i < KEYS; i++) {
      feed.add(put("key-%04d".formatted(i), Integer.toString(round)));
    }
    if (round % 10 == 9) {
      feed.add(Feed.compaction(feed.store.revision() - KEYS));
    }
    feed.apply();
    feed.outcomes.clear();
  }

  /** As over the wire: the files move to the other store. */
  private static void install(Store source, Store target, FileStoreDirectory to)
      throws IOException {
    var checkpoint = source.checkpoint();
    var path = Path.of(to.fresh());
    Files.move(Path.of(checkpoint.path()), path);
    target.install(new StateMachine.Snapshot(checkpoint.meta(), path.toString()));
  }

  private static Callable<Void> until(
      AtomicBoolean stop, AtomicLong reads, Runnable one, Runnable other) {
    return () -> {
      while (!stop.get()) {
        one.run();
        other.run();
        reads.incrementAndGet();
        // Not all of the processor: the thread that installs needs its share.
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      return null;
    };
  }

  private static void whole(Store store) {
    var response = (RangeResponse) done(store.range(range("key", "kez"), false)).response();
    assertEquals(KEYS, response.getKvsCount());
    var values = response.getKvsList().stream().map(kv -> kv.getValue()).distinct().toList();
    assertEquals(1, values.size(), () -> "one state: " + values);
  }

  private static void old(Store store) {
    var request =
        RangeRequest.newBuilder(range("key", "kez")).setRevision(store.revision() - 1).build();
    switch (store.range(request, false)) {
      case Outcome.Done(var response) ->
          assertEquals(KEYS, ((RangeResponse) response).getKvsCount());
      case Outcome.Failed(var error) -> assertEquals(StoreError.COMPACTED, error);
      default -> throw new AssertionError("not the outcome of a range");
    }
  }

  private static void single(Store store, boolean memoryOnly) {
    var outcome = store.range(range("key-0007", ""), memoryOnly);
    if (!memoryOnly || outcome != null) {
      assertEquals(1, ((RangeResponse) done(outcome).response()).getKvsCount());
    }
  }

  private static void hash(Store store) {
    assertInstanceOf(Outcome.Done.class, store.hash(HashKVRequest.getDefaultInstance()));
  }

  private static void background(Store store) {
    store.housekeep();
    // An install waits for the last use, and these take long.
    if (ThreadLocalRandom.current().nextInt(20) == 0) {
      store.flush();
      store.discard(store.checkpoint());
    }
    assertTrue(store.durable().index() > 0);
    assertTrue(store.sizeOnDisk() >= 0 && store.sizeInUse() >= 0);
  }

  private static Outcome.Done done(Outcome outcome) {
    return assertInstanceOf(Outcome.Done.class, outcome);
  }

  @Test
  void aSnapshotThatCannotBeTakenOverLeavesTheStoreAsItWas() throws Exception {
    var config = StoreConfig.sized(4 << 20, 4 << 20);
    var target = dir.resolve("target");
    var directory = FileStoreDirectory.open(target);
    try (var source = Store.open(FileStoreDirectory.open(dir.resolve("source")), config);
        var store = Store.open(directory, config)) {
      var feed = new Feed(store);
      write(feed, 1);
      write(new Feed(source), 2);
      write(new Feed(source), 3);
      // The pointer's new text has no place: as on a disk that is full.
      var inTheWay = Files.createDirectory(target.resolve("live.new"));
      var before = store.applied();
      assertThrows(
          StateMachine.BadSnapshotException.class, () -> install(source, store, directory));
      assertEquals(before, store.applied());
      write(feed, 4);
      whole(store);
      Files.delete(inTheWay);
      install(source, store, directory);
      assertEquals(source.applied(), store.applied());
    }
  }

  @Test
  void aSnapshotThatLostAFileLeavesTheStoreAsItWas() throws Exception {
    var config = StoreConfig.sized(4 << 20, 4 << 20);
    var directory = FileStoreDirectory.open(dir.resolve("target"));
    try (var source = Store.open(FileStoreDirectory.open(dir.resolve("source")), config);
        var store = Store.open(directory, config)) {
      var feed = new Feed(store);
      write(feed, 1);
      write(new Feed(source), 2);
      var checkpoint = source.checkpoint();
      try (var files = Files.newDirectoryStream(Path.of(checkpoint.path()), "*.sst")) {
        Files.delete(files.iterator().next());
      }
      var path = Path.of(directory.fresh());
      Files.move(Path.of(checkpoint.path()), path);
      assertThrows(
          StateMachine.BadSnapshotException.class,
          () -> store.install(new StateMachine.Snapshot(checkpoint.meta(), path.toString())));
      write(feed, 3);
      whole(store);
    }
  }

  @Test
  void whatNoPointerNamesIsDeletedAtTheStartAndSaid() throws IOException {
    var config = StoreConfig.sized(4 << 20, 4 << 20);
    StateMachine.Snapshot checkpoint;
    Position applied;
    var directory = FileStoreDirectory.open(dir.resolve("store"));
    try (var store = Store.open(directory, config)) {
      var feed = new Feed(store);
      write(feed, 1);
      checkpoint = store.checkpoint();
      applied = store.applied();
    }
    // As a kill in the middle of receiving, of sending, and of replacing the pointer leaves it.
    var partial = Files.createDirectories(Path.of(directory.fresh()));
    Files.writeString(partial.resolve("000012.sst"), "half of it");
    Files.writeString(dir.resolve("store").resolve("live.new"), "7");
    var again = FileStoreDirectory.open(dir.resolve("store"));
    assertEquals(
        List.of(
            Path.of(checkpoint.path()).getFileName().toString(),
            partial.getFileName().toString(),
            "live.new"),
        again.leftovers().stream().sorted().toList());
    try (var store = Store.open(again, config)) {
      assertEquals(applied, store.applied());
    }
    assertEquals(List.of(), FileStoreDirectory.open(dir.resolve("store")).leftovers());
  }
}
