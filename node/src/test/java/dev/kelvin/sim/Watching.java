package dev.kelvin.sim;

import com.google.protobuf.ByteString;
import dev.kelvin.checker.Violation;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.mvccpb.Event;
import dev.kelvin.store.Outcome;
import dev.kelvin.watch.WatchRequest;
import dev.kelvin.watch.WatchSink;
import dev.kelvin.watch.WatchStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * Clients that watch all keys, each at one node after the other, slowly now and then; and what must
 * hold: every revision is told once, whole and in order, unless it was compacted before.
 */
final class Watching {
  private static final int CLIENTS = 3;
  private static final long CONNECTED = 2 * Scheduler.SECOND;
  private static final long PAUSE = 50 * Scheduler.MILLISECOND;
  private static final long DELAY = Scheduler.MILLISECOND;
  private static final ByteString ALL = ByteString.copyFrom(new byte[1]);

  private final World world;
  private final RandomGenerator random;
  private final List<Client> clients = new ArrayList<>();
  private boolean ending;

  Watching(World world) {
    this.world = world;
    random = world.seeds().of("watches");
    world.watching(this);
  }

  void start() {
    for (int i = 0; i < CLIENTS; i++) {
      var client = new Client("watch" + i);
      clients.add(client);
      client.connect();
    }
  }

  /** From now on the clients ask how far they are. */
  void end() {
    ending = true;
  }

  /** Whether all were told of everything up to a revision. */
  boolean told(long revision) {
    return clients.stream().allMatch(client -> client.next > revision);
  }

  /** Events told to the first client. */
  int events() {
    return clients.getFirst().told.values().stream().mapToInt(List::size).sum();
  }

  /** Connections on which something was compacted too early for a client. */
  int compacted() {
    return clients.stream().mapToInt(client -> client.gaps.size()).sum();
  }

  /** All were told the same, which is all there was, with what a node holds now at its end. */
  void check(SimNode node) {
    for (var client : clients) {
      for (long revision = 2; revision <= node.store().revision(); revision++) {
        if (!client.told.containsKey(revision) && !client.skipped(revision)) {
          throw wrong("%s was never told of revision %d", client.name, revision);
        }
        for (var other : clients) {
          var one = client.told.get(revision);
          var same = other.told.get(revision);
          if (one != null && same != null && !one.equals(same)) {
            throw wrong(
                "revision %d is %s for %s, %s for %s",
                revision, one, client.name, same, other.name);
          }
        }
      }
      for (var kv : everything(node).getKvsList()) {
        var events = client.told.get(kv.getModRevision());
        if (events != null
            && events.stream()
                .noneMatch(e -> e.getKv().toBuilder().clearLease().build().equals(kv))) {
          throw wrong("%s was told %s, there is %s", client.name, events, kv);
        }
      }
    }
  }

  private static RangeResponse everything(SimNode node) {
    var all = RangeRequest.newBuilder().setKey(ALL).setRangeEnd(ALL).build();
    return (RangeResponse) ((Outcome.Done) node.store().range(all, false)).response();
  }

  private static Violation wrong(String text, Object... of) {
    return new Violation("watches", text.formatted(of));
  }

  private final class Client {
    private final String name;
    private final Map<Long, List<Event>> told = new TreeMap<>();

    /** Revisions, first and last, that were compacted before they could be told. */
    private final List<long[]> gaps = new ArrayList<>();

    private long next = 1;
    private Connection connection;

    Client(String name) {
      this.name = name;
    }

    boolean skipped(long revision) {
      return gaps.stream().anyMatch(gap -> gap[0] <= revision && revision <= gap[1]);
    }

    void connect() {
      var nodes = world.machines();
      var node = nodes.get(random.nextInt(nodes.size()));
      if (node.serving()) {
        connection = new Connection(this, node);
        connection.begin();
      } else {
        world.scheduler().after(PAUSE, this::connect);
      }
    }

    void leave(Connection left) {
      if (connection == left) {
        connection = null;
        world.scheduler().after(PAUSE, this::connect);
      }
    }

    void tell(List<Event> events) {
      for (var event : events) {
        long revision = event.getKv().getModRevision();
        if (revision < next) {
          throw wrong("%s, to be told of %d next, is told of %d", name, next, revision);
        }
        told.computeIfAbsent(revision, _ -> new ArrayList<>()).add(event);
      }
      next = events.getLast().getKv().getModRevision() + 1;
    }
  }

  /** One stream with one watch. What it answers is on its way for a while, and may be lost. */
  private final class Connection implements WatchSink {
    private final Client client;
    private final Life life;
    private WatchStream stream;

    Connection(Client client, SimNode node) {
      this.client = client;
      life = node.life();
    }

    void begin() {
      stream = life.watches().open(this).orElseThrow();
      stream.create(
          new WatchRequest(
              0, ByteString.EMPTY, ALL, client.next, false, false, false, true, false));
      life.wake();
      world.scheduler().after(Seeds.around(random, CONNECTED), this::close);
      ask();
    }

    private void ask() {
      world
          .scheduler()
          .after(
              PAUSE,
              () -> {
                if (client.connection == this && life.lives()) {
                  if (ending) {
                    stream.progress();
                  }
                  ask();
                }
              });
    }

    private void close() {
      if (life.lives()) {
        stream.close();
      }
      client.leave(this);
    }

    /** In order: all are on their way for as long. */
    private void arrives(Runnable answer) {
      world
          .scheduler()
          .after(
              DELAY,
              () -> {
                if (client.connection == this) {
                  answer.run();
                }
              });
    }

    @Override
    public void created(long watch, long revision) {
      // Nothing was told by it.
    }

    @Override
    public void refused(long revision, String reason) {
      throw wrong("%s is refused: %s", client.name, reason);
    }

    @Override
    public boolean events(long watch, long revision, List<Event> events, boolean fragment) {
      if (random.nextInt(8) == 0) {
        world
            .scheduler()
            .after(
                Seeds.around(random, PAUSE),
                () -> {
                  if (life.lives()) {
                    stream.room();
                    life.wake();
                  }
                });
        return false;
      }
      var copy = List.copyOf(events);
      arrives(() -> client.tell(copy));
      return true;
    }

    @Override
    public void progress(long watch, long revision) {
      arrives(() -> client.next = Math.max(client.next, revision + 1));
    }

    @Override
    public void canceled(long watch, long revision) {
      throw wrong("%s canceled nothing", client.name);
    }

    @Override
    public void compacted(long watch, long revision, long compacted) {
      arrives(
          () -> {
            if (compacted < client.next) {
              throw wrong(
                  "%s is to be told of %d, but not by %d, for it is compacted",
                  client.name, client.next, compacted);
            }
            client.gaps.add(new long[] {client.next, compacted});
            client.next = compacted + 1;
            close();
          });
    }

    @Override
    public void ended() {
      world.scheduler().after(1, () -> client.leave(this));
    }
  }
}
