package dev.kelvin.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.mvccpb.Event;
import dev.kelvin.proto.mvccpb.KeyValue;
import dev.kelvin.raft.Entry;
import dev.kelvin.sim.SimStoreDirectory;
import dev.kelvin.store.Change;
import dev.kelvin.store.ChangeListener;
import dev.kelvin.store.Feed;
import dev.kelvin.store.RandomRequests;
import dev.kelvin.store.StateMachine;
import dev.kelvin.store.Store;
import dev.kelvin.store.StoreConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random watches, slow clients, compactions and snapshots in any order; what every watch had to be
 * told is noted down as it happens on another member.
 */
class WatchModelTest {
  private static final int STEPS = 600;

  /** What one watch was asked for and told. */
  private static final class Told {
    private final WatchRequest request;
    private final KeyRange range;
    private final long from;
    private final List<Event> events = new ArrayList<>();
    private long upTo;
    private long compacted;
    private boolean canceled;

    Told(WatchRequest request, long revision) {
      this.request = request;
      range = KeyRange.of(request.key(), request.rangeEnd());
      from = request.start() == 0 ? revision + 1 : request.start();
      upTo = from - 1;
    }
  }

  /** A client that takes as much as it is let. */
  private final class Client implements WatchSink {
    private final Map<Long, Told> told = new HashMap<>();
    private final WatchStream stream = watches.open(this).orElseThrow();
    private WatchRequest asked;
    private int room = 3;
    private boolean refusing;

    @Override
    public void created(long watch, long revision) {
      assertEquals(store.revision(), revision);
      assertFalse(told.containsKey(watch) && !told.get(watch).canceled, "told twice of " + watch);
      if (told.containsKey(watch)) {
        ended.add(told.get(watch));
      }
      told.put(watch, new Told(asked, revision));
    }

    @Override
    public void refused(long revision, String reason) {
      boolean inUse = told.containsKey(asked.watch()) && !told.get(asked.watch()).canceled;
      assertEquals(
          asked.start() < 0
              ? "etcdserver: mvcc: required revision has been compacted"
              : KeyRange.of(asked.key(), asked.rangeEnd()).empty()
                  ? "mvcc: watcher range is empty"
                  : inUse ? "mvcc: duplicate watch ID provided on the WatchStream" : "no reason",
          reason);
    }

    @Override
    public boolean events(long watch, long revision, List<Event> events, boolean fragment) {
      if (room == 0) {
        refusing = true;
        return false;
      }
      assertFalse(refusing, "events before there is room");
      room--;
      var to = told.get(watch);
      assertFalse(to.canceled, "told after its end");
      assertFalse(events.isEmpty());
      to.events.addAll(events);
      long last = events.getLast().getKv().getModRevision();
      assertTrue(last <= revision, last + " in an answer as of " + revision);
      to.upTo = Math.max(to.upTo, last);
      return true;
    }

    @Override
    public void progress(long watch, long revision) {
      for (var to : watch == -1 ? told.values() : List.of(told.get(watch))) {
        if (!to.canceled) {
          assertTrue(to.request.start() <= revision, "progress before its start");
          to.upTo = Math.max(to.upTo, revision);
          check(to);
        }
      }
    }

    @Override
    public void canceled(long watch, long revision) {
      told.get(watch).canceled = true;
    }

    @Override
    public void compacted(long watch, long revision, long compacted) {
      var to = told.get(watch);
      to.canceled = true;
      to.compacted = compacted;
      assertTrue(to.upTo + 1 < compacted, "could go on at " + to.upTo);
    }

    @Override
    public void ended() {
      told.values().forEach(to -> to.canceled = true);
    }
  }

  private final Store source = open();
  private final Store store = open();
  private final Watches watches = new Watches(store);
  private final List<Told> ended = new ArrayList<>();
  private final List<Change> history = new ArrayList<>();

  private static Store open() {
    return Store.open(new SimStoreDirectory(), StoreConfig.simulated());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void everyWatchIsToldEverythingOnceInOrder(long seed) {
    var random = new Random(seed);
    var requests = new RandomRequests(random);
    var ahead = new Feed(source);
    var missing = new ArrayList<Entry>();
    var clients = new ArrayList<Client>();
    store.listen(watches);
    source.listen(
        new ChangeListener() {
          @Override
          public boolean wanted() {
            return true;
          }

          @Override
          public void changed(List<Change> changes, long revision) {
            history.addAll(changes);
          }
        });
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> {
          for (int i = 1 + random.nextInt(4); i > 0; i--) {
            ahead.add(requests.command(source.revision()));
          }
          missing.addAll(ahead.apply());
        }
        case 3, 4 -> {
          store.apply(missing, StateMachine.Listener.NOBODY);
          missing.clear();
        }
        case 5 -> {
          if (random.nextInt(8) == 0 && !missing.isEmpty()) {
            // From another member, instead of the entries.
            store.install(source.checkpoint());
            missing.clear();
          }
          store.housekeep();
        }
        case 6 -> {
          if (clients.size() < 4) {
            clients.add(new Client());
          }
        }
        case 7 -> one(clients, random, client -> ask(client, random, requests));
        case 8 ->
            one(
                clients,
                random,
                client -> {
                  client.room = random.nextInt(5);
                  if (client.refusing && client.room > 0) {
                    client.refusing = false;
                    client.stream.room();
                  }
                });
        case 9 ->
            one(
                clients,
                random,
                client -> {
                  if (random.nextBoolean()) {
                    client.stream.progress();
                  } else {
                    client.stream.progressDue();
                  }
                });
        case 10 -> watches.catchUp();
        default -> watches.dispatch();
      }
    }
    store.apply(missing, StateMachine.Listener.NOBODY);
    finish(clients);
    watches.close();
    store.close();
    source.close();
  }

  private interface Step {
    void take(Client client);
  }

  private static void one(List<Client> clients, Random random, Step step) {
    if (!clients.isEmpty()) {
      step.take(clients.get(random.nextInt(clients.size())));
    }
  }

  private void ask(Client client, Random random, RandomRequests requests) {
    if (!client.told.isEmpty() && random.nextInt(4) == 0) {
      client.stream.cancel(random.nextInt(4));
      return;
    }
    long start =
        switch (random.nextInt(6)) {
          case 0, 1 -> 0;
          case 2 -> store.revision() + random.nextInt(5);
          case 3 -> -1;
          default -> Math.max(1, store.revision() - random.nextInt(30));
        };
    client.asked =
        new WatchRequest(
            random.nextInt(3),
            requests.key(),
            requests.end(),
            start,
            random.nextInt(6) == 0,
            random.nextInt(6) == 0,
            random.nextBoolean(),
            random.nextBoolean(),
            false);
    client.stream.create(client.asked);
  }

  private void finish(List<Client> clients) {
    boolean more = true;
    while (more) {
      more = false;
      for (var client : clients) {
        client.room = Integer.MAX_VALUE;
        if (client.refusing) {
          client.refusing = false;
          client.stream.room();
        }
      }
      while (watches.dispatch() || watches.catchUp()) {
        more = true;
      }
    }
    assertEquals(0, watches.lagging());
    for (var client : clients) {
      for (var to : client.told.values()) {
        if (!to.canceled) {
          to.upTo = Math.max(to.upTo, store.revision());
        }
        check(to);
      }
    }
    ended.forEach(this::check);
  }

  /** Told all up to where it is said to be, and nothing else. */
  private void check(Told to) {
    var expected =
        history.stream()
            .filter(change -> change.revision() >= to.from && change.revision() <= to.upTo)
            .filter(change -> wanted(to, change))
            .toList();
    assertEquals(expected.size(), to.events.size(), () -> to.request + ": " + to.events);
    for (int i = 0; i < expected.size(); i++) {
      check(to, expected.get(i), to.events.get(i));
    }
  }

  private void check(Told to, Change expected, Event event) {
    assertEquals(expected.kv(), event.getKv());
    assertEquals(expected.deletion(), event.getType() == Event.EventType.DELETE);
    if (!event.hasPrevKv()) {
      boolean lost = expected.revision() - 1 < store.compactRevision();
      assertTrue(!to.request.previous() || lost || before(expected).isEmpty());
      return;
    }
    assertTrue(to.request.previous());
    assertEquals(before(expected), List.of(event.getPrevKv()));
  }

  private List<KeyValue> before(Change change) {
    Change last = null;
    for (var earlier : history.subList(0, history.indexOf(change))) {
      if (earlier.kv().getKey().equals(change.kv().getKey())) {
        last = earlier;
      }
    }
    return last == null || last.deletion() ? List.of() : List.of(last.kv());
  }

  private static boolean wanted(Told to, Change change) {
    ByteString key = change.kv().getKey();
    boolean in =
        to.range.single()
            ? key.equals(to.range.from())
            : KeyRange.ORDER.compare(to.range.from(), key) <= 0
                && (to.range.end() == null || KeyRange.ORDER.compare(key, to.range.end()) < 0);
    return in && !(change.deletion() ? to.request.noDelete() : to.request.noPut());
  }
}
