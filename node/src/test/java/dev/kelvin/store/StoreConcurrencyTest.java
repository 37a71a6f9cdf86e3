package dev.kelvin.store;

import static dev.kelvin.store.Feed.bytes;
import static dev.kelvin.store.Feed.compaction;
import static dev.kelvin.store.Feed.put;
import static dev.kelvin.store.Feed.range;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.sim.SimStoreDirectory;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Readers, housekeeping and checkpoints beside a writer. */
class StoreConcurrencyTest {
  /** Every batch writes both keys, in one revision each, so that value = revision says it all. */
  private static final RangeRequest ONE = range("a", "");

  private static final RangeRequest BOTH = range("a", "z");

  @Test
  void aReaderSeesTheStateOfTheRevisionInTheHeader() throws Exception {
    // A cache of a few versions only: the paths by cache, by database and by snapshot all occur.
    var config = new StoreConfig(1 << 20, 64 << 20, 300, false, CommandCodec.standard());
    try (var store = Store.open(new SimStoreDirectory(), config);
        var threads = Executors.newFixedThreadPool(4)) {
      var stop = new AtomicBoolean();
      var feed = new Feed(store);
      write(feed);
      var readers = new ArrayList<Future<Void>>();
      readers.add(threads.submit(reading(store, stop, ONE)));
      readers.add(threads.submit(reading(store, stop, BOTH)));
      readers.add(
          threads.submit(
              () -> {
                while (!stop.get()) {
                  store.housekeep();
                  store.discard(store.checkpoint());
                }
                return null;
              }));
      try {
        for (int i = 0; i < 3000; i++) {
          write(feed);
          if (i % 50 == 49) {
            feed.run(compaction(store.revision()));
          }
        }
      } finally {
        stop.set(true);
      }
      for (var reader : readers) {
        reader.get();
      }
    }
  }

  @Test
  void readersGoOnWhileTheStateIsReplaced() throws Exception {
    try (var source = Store.open(new SimStoreDirectory(), StoreConfig.simulated());
        var store = Store.open(new SimStoreDirectory(), StoreConfig.simulated());
        var threads = Executors.newFixedThreadPool(3)) {
      var feed = new Feed(source);
      write(feed);
      store.install(source.checkpoint());
      var stop = new AtomicBoolean();
      var one = threads.submit(reading(store, stop, ONE));
      var both = threads.submit(reading(store, stop, BOTH));
      try {
        for (int i = 0; i < 20; i++) {
          write(feed);
          store.install(source.checkpoint());
          assertEquals(source.revision(), store.revision());
          assertEquals(source.applied(), store.applied());
        }
      } finally {
        stop.set(true);
      }
      one.get();
      both.get();
    }
  }

  private static void write(Feed feed) {
    var value = Long.toString(feed.store.revision() + 1);
    feed.run(
        TxnRequest.newBuilder()
            .addSuccess(RequestOp.newBuilder().setRequestPut(put("a", value)))
            .addSuccess(RequestOp.newBuilder().setRequestPut(put("b", value)))
            .build());
  }

  private static Callable<Void> reading(Store store, AtomicBoolean stop, RangeRequest request) {
    return () -> {
      long last = 0;
      while (!stop.get()) {
        var response = (RangeResponse) ((Outcome.Done) store.range(request, false)).response();
        long revision = response.getHeader().getRevision();
        assertTrue(revision >= last, "revisions rise");
        last = revision;
        for (var kv : response.getKvsList()) {
          assertEquals(bytes(Long.toString(revision)), kv.getValue());
          assertEquals(revision, kv.getModRevision());
        }
        assertEquals(request == ONE ? 1 : 2, response.getKvsCount());
      }
      return null;
    };
  }
}
