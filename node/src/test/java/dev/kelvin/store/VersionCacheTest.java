package dev.kelvin.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class VersionCacheTest {
  private final VersionCache cache = new VersionCache(1 << 20);

  @Test
  void whatItKnowsIsTheNewest() {
    var random = new Random(7);
    var newest = new HashMap<ByteString, Version>();
    long kept = 0;
    for (int i = 1; i <= 200_000; i++) {
      var key = key(random.nextInt(5_000));
      var version = version(i, random.nextInt(300));
      put(key, version);
      newest.put(key, version);
      var asked = key(random.nextInt(5_000));
      var found = cache.get(asked);
      if (found != null) {
        kept++;
        assertEquals(newest.get(asked), found);
      }
    }
    assertTrue(kept > 100_000, kept + " of 200000 found");
  }

  @Test
  void whatIsReadStaysLonger() {
    var favourite = key(-1);
    put(favourite, version(1, 100));
    for (int i = 0; i < 100_000; i++) {
      put(key(i), version(i + 2, 100));
      assertNotNull(cache.get(favourite), "after " + i);
    }
    assertNull(cache.get(key(0)));
  }

  @Test
  void whatIsTooLargeIsForgotten() {
    put(key(1), version(1, 10));
    put(key(1), version(2, VersionCache.LARGEST));
    assertNull(cache.get(key(1)));
    put(key(1), version(3, VersionCache.LARGEST - 100));
    assertEquals(3, cache.get(key(1)).mod());
  }

  @Test
  void anAbsentKeyIsKnownAsSuch() {
    put(key(1), Version.tombstone(4, 2));
    assertTrue(cache.get(key(1)).deleted());
  }

  /** Every byte of a value tells its revision, so that a mixture would be seen. */
  @Test
  void readersBesideAWriterSeeWholeVersions() throws Exception {
    var done = new AtomicBoolean();
    Callable<Long> reader =
        () -> {
          var random = new Random();
          long seen = 0;
          while (!done.get()) {
            var found = cache.get(key(random.nextInt(4_000)));
            if (found != null) {
              seen++;
              for (int i = 0; i < found.value().size(); i++) {
                assertEquals((byte) found.mod(), found.value().byteAt(i));
              }
            }
          }
          return seen;
        };
    try (var threads = Executors.newFixedThreadPool(2)) {
      var first = threads.submit(reader);
      var second = threads.submit(reader);
      var random = new Random(3);
      for (int i = 1; i <= 1_000_000; i++) {
        put(key(random.nextInt(4_000)), version(i, random.nextInt(40) * 10));
      }
      done.set(true);
      assertTrue(first.get() + second.get() > 0);
    }
  }

  private void put(ByteString key, Version version) {
    cache.change(() -> cache.put(key, version));
  }

  private static ByteString key(int number) {
    return ByteString.copyFromUtf8("/registry/things/" + number);
  }

  private static Version version(long mod, int size) {
    var value = new byte[size];
    Arrays.fill(value, (byte) mod);
    return new Version(mod, 0, 1, mod, 0, ByteString.copyFrom(value));
  }
}
