package dev.kelvin.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.mvccpb.Event;
import dev.kelvin.sim.SimStoreDirectory;
import dev.kelvin.store.Feed;
import dev.kelvin.store.Store;
import dev.kelvin.store.StoreConfig;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How far watches are, asked for while changes are on their way to them. */
class ProgressTest implements WatchSink {
  private final Store store = Store.open(new SimStoreDirectory(), StoreConfig.simulated());
  private final Feed feed = new Feed(store);
  private final Watches watches = new Watches(store);
  private final WatchStream stream = watches.open(this).orElseThrow();
  private final List<String> told = new ArrayList<>();

  @BeforeEach
  void watchEverything() {
    store.listen(watches);
    var key = ByteString.copyFromUtf8("k");
    stream.create(new WatchRequest(0, key, ByteString.EMPTY, 0, false, false, false, false, false));
    told.clear();
  }

  @AfterEach
  void close() {
    watches.close();
    store.close();
  }

  /** Returns the revision. */
  private long put() {
    feed.add(Feed.put("k", "v"));
    feed.apply();
    return store.revision();
  }

  @Test
  void whoAsksAfterAWriteHearsOfItAfterItsEvent() {
    long revision = put();
    stream.progress();
    assertEquals(List.of(), told);
    watches.dispatch();
    assertEquals(List.of("event " + revision, "progress " + revision), told);
    stream.progress();
    assertEquals("progress " + revision, told.getLast());
    assertEquals(3, told.size());
  }

  @Test
  void whoGoesOnAskingIsAnsweredAsChangesAreDeliveredAndNotAtTheirEnd() {
    long first = put();
    stream.progress();
    put();
    stream.progress();
    long third = put();
    stream.progress();
    watches.dispatch();
    assertEquals(List.of("event " + first, "progress " + first), told);
    watches.dispatch();
    assertEquals(3, told.size());
    watches.dispatch();
    assertEquals("progress " + third, told.getLast());
    assertEquals(5, told.size());
    put();
    watches.dispatch();
    assertEquals(6, told.size());
  }

  @Test
  void aWatchThatComesAfterTheQuestionIsNotAnsweredFor() throws Exception {
    try (var empty = watches.open(this).orElseThrow()) {
      stream.close();
      put();
      empty.progress();
      var key = ByteString.copyFromUtf8("other");
      empty.create(
          new WatchRequest(0, key, ByteString.EMPTY, 0, false, false, false, false, false));
      watches.dispatch();
      assertEquals(List.of("created"), told);
    }
  }

  @Test
  void aStreamThatIsClosedIsNotAnswered() {
    put();
    stream.progress();
    stream.close();
    watches.dispatch();
    assertEquals(List.of(), told);
  }

  @Override
  public void created(long watch, long revision) {
    told.add("created");
  }

  @Override
  public void refused(long revision, String reason) {
    told.add("refused: " + reason);
  }

  @Override
  public boolean events(long watch, long revision, List<Event> events, boolean fragment) {
    events.forEach(e -> told.add("event " + e.getKv().getModRevision()));
    return true;
  }

  @Override
  public void progress(long watch, long revision) {
    told.add("progress " + revision);
  }

  @Override
  public void canceled(long watch, long revision) {
    told.add("canceled");
  }

  @Override
  public void compacted(long watch, long revision, long compacted) {
    told.add("compacted");
  }

  @Override
  public void ended() {
    told.add("ended");
  }
}
