package dev.kelvin.store;

import static dev.kelvin.store.Feed.compaction;
import static dev.kelvin.store.Feed.grant;
import static dev.kelvin.store.Feed.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.MessageLite;
import dev.kelvin.proto.etcdserverpb.AlarmRequest;
import dev.kelvin.proto.etcdserverpb.HashResponse;
import dev.kelvin.sim.SimStoreDirectory;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The hash of everything. */
class HashTest {
  private final Store one = Store.open(new SimStoreDirectory(), StoreConfig.simulated());
  private final Store other = Store.open(new SimStoreDirectory(), StoreConfig.simulated());
  private final Feed feed = new Feed(one);
  private final Feed behind = new Feed(other);

  @AfterEach
  void close() {
    one.close();
    other.close();
  }

  private static int hash(Store store) {
    var response = (HashResponse) ((Outcome.Done) store.hash()).response();
    assertEquals(store.revision(), response.getHeader().getRevision());
    return response.getHash();
  }

  @Test
  void isEqualAfterTheSameEntriesAndTellsOfEachOfThem() {
    var seen = new HashSet<Integer>();
    assertTrue(seen.add(hash(one)));
    assertEquals(hash(one), hash(other));
    var requests =
        new MessageLite[] {
          put("a", "1"),
          put("a", "2"),
          grant(7, 60),
          put("b", "1", 7),
          compaction(3),
          AlarmRequest.newBuilder()
              .setAction(AlarmRequest.AlarmAction.ACTIVATE)
              .setMemberID(1)
              .setAlarmValue(Alarm.NOSPACE)
              .build()
        };
    for (var request : requests) {
      feed.run(request);
      assertTrue(seen.add(hash(one)), () -> "no other hash after " + request);
      behind.run(request);
      assertEquals(hash(one), hash(other));
    }
    feed.run(
        new MemberChange.Found(
            9, new Member(1, "m", List.of("http://m:1"), List.of(), false, 1, 1)));
    assertTrue(seen.add(hash(one)));
  }

  @Test
  void whatWaitsToBeRemovedDoesNotCount() {
    for (var each : new Feed[] {feed, behind}) {
      each.run(put("a", "1"));
      each.run(put("a", "2"));
      each.run(compaction(3));
    }
    assertTrue(one.housekeep());
    assertEquals(hash(one), hash(other));
  }
}
