package dev.kelvin.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.mvccpb.KeyValue;
import dev.kelvin.raft.Entry;
import dev.kelvin.sim.SimStoreDirectory;
import java.util.ArrayList;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreModelTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void itAnswersAsTheModelDoesThroughPowerLosses(long seed) {
    var random = new Random(seed);
    var requests = new RandomRequests(random);
    var model = new Model();
    var directory = new SimStoreDirectory();
    var log = new ArrayList<Entry>();
    var store = Store.open(directory, StoreConfig.simulated());
    try {
      var feed = new Feed(store);
      for (int round = 0; round < 150; round++) {
        var expected = new ArrayList<Outcome>();
        long first = log.size() + 1;
        for (int i = 1 + random.nextInt(8); i > 0; i--) {
          if (random.nextInt(15) == 0) {
            var command = requests.leaseCommand(Feed.TERM);
            expected.add(model.run(command, Feed.TERM));
            feed.add(command);
          } else {
            var request = requests.command(model.revision());
            expected.add(model.run(request));
            feed.add(request);
          }
        }
        log.addAll(feed.apply());
        for (int i = 0; i < expected.size(); i++) {
          assertEquals(expected.get(i), feed.outcomes.get(first + i), "entry " + (first + i));
        }
        assertEquals(model.revision(), store.revision());
        assertEquals(Math.max(0, model.compact()), store.compactRevision());
        leasesAreThoseOf(model, store);
        for (int i = 0; i < 10; i++) {
          var range = requests.range(model.revision());
          assertEquals(model.range(range), store.range(range, false), range::toString);
          var quick = store.range(range, true);
          assertTrue(quick == null || quick.equals(model.range(range)));
        }
        partsAddUp(model, store, requests.range(model.revision()), 1 + random.nextInt(40));
        if (random.nextInt(4) == 0) {
          store.housekeep();
        }
        if (random.nextInt(10) == 0) {
          store.flush();
          assertEquals(log.size(), store.durable().index());
        }
        if (random.nextInt(15) == 0) {
          var before = store.hash(HashKVRequest.getDefaultInstance());
          long durable = store.durable().index();
          store.close();
          store = Store.open(directory, StoreConfig.simulated());
          assertEquals(durable, store.applied().index());
          store.apply(log.subList((int) durable, log.size()), StateMachine.Listener.NOBODY);
          assertEquals(before, store.hash(HashKVRequest.getDefaultInstance()));
          leasesAreThoseOf(model, store);
          feed = new Feed(store);
        }
      }
      anotherReplicaHasTheSameContents(log, store, random);
    } finally {
      store.close();
    }
  }

  private static void partsAddUp(Model model, Store store, RangeRequest asked, long maxBytes) {
    var whole =
        asked.toBuilder()
            .clearSortOrder()
            .clearSortTarget()
            .clearMinModRevision()
            .clearMaxModRevision()
            .clearMinCreateRevision()
            .clearMaxCreateRevision()
            .clearCountOnly()
            .clearLimit();
    var expected = model.range(whole.build());
    var kvs = new ArrayList<KeyValue>();
    var part = whole;
    while (true) {
      if (!(store.page(part.build(), maxBytes) instanceof Outcome.Done(RangeResponse page))) {
        assertEquals(expected, store.page(whole.build(), maxBytes));
        return;
      }
      kvs.addAll(page.getKvsList());
      if (!page.getMore()) {
        assertEquals(((RangeResponse) ((Outcome.Done) expected).response()).getKvsList(), kvs);
        return;
      }
      var last = page.getKvs(page.getKvsCount() - 1);
      assertTrue(bytes(page) - last.getSerializedSize() < maxBytes);
      part = part.clone().setKey(kvs.getLast().getKey().concat(ByteString.copyFrom(new byte[1])));
    }
  }

  private static long bytes(RangeResponse page) {
    return page.getKvsList().stream().mapToLong(KeyValue::getSerializedSize).sum();
  }

  private static void leasesAreThoseOf(Model model, Store store) {
    assertEquals(Set.copyOf(model.leases().values()), Set.copyOf(store.leases()));
    model
        .leases()
        .forEach(
            (id, lease) -> {
              assertEquals(lease, store.lease(id));
              assertEquals(
                  new Reader.LeaseKeys(lease, model.keys(id), model.revision()),
                  store.leaseKeys(id));
            });
    assertNull(store.lease(99));
    assertNull(store.leaseKeys(99));
  }

  private static void anotherReplicaHasTheSameContents(
      ArrayList<Entry> log, Store store, Random random) {
    try (var other = Store.open(new SimStoreDirectory(), StoreConfig.simulated())) {
      for (int from = 0; from < log.size(); ) {
        int to = Math.min(log.size(), from + 1 + random.nextInt(30));
        other.apply(log.subList(from, to), StateMachine.Listener.NOBODY);
        from = to;
        if (random.nextInt(3) == 0) {
          other.flush();
        }
        if (random.nextBoolean()) {
          other.housekeep();
        }
      }
      for (long revision = Math.max(1, store.compactRevision());
          revision <= store.revision();
          revision++) {
        var request = HashKVRequest.newBuilder().setRevision(revision).build();
        assertEquals(store.hash(request), other.hash(request));
      }
      assertEquals(store.applied(), other.applied());
      assertEquals(Set.copyOf(store.leases()), Set.copyOf(other.leases()));
    }
  }
}
