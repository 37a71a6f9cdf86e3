package dev.kelvin.sim;

import com.google.protobuf.ByteString;
import dev.kelvin.checker.Violation;
import dev.kelvin.duty.LeaseAsk;
import dev.kelvin.duty.Lessor;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.TimedPut;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Clients that hold leases with keys on them, renew them through any node, and let them go now and
 * then; and what must hold: no lease ends earlier than a client was told, by the fastest clock.
 */
final class Leasing {
  private static final int CLIENTS = 6;
  private static final long TTL_SECONDS = 4;
  private static final long PERIOD = 500 * Scheduler.MILLISECOND;
  private static final long PATIENCE = 1500 * Scheduler.MILLISECOND;

  /** What a client can count on where a leader's clock runs too fast; see {@link Faults}. */
  private static final double FASTEST_CLOCK = 1.6;

  private static final long PROMISE = (long) (TTL_SECONDS * Scheduler.SECOND / FASTEST_CLOCK);

  private final World world;
  private final RandomGenerator random;

  /** Until when leases must live, as clients were told. */
  private final Map<Long, Long> promised = new HashMap<>();

  /** When leases were first seen to be gone. */
  private final Map<Long, Long> gone = new HashMap<>();

  private final Set<Long> keptBeyondTheirTime = new HashSet<>();
  private long lastId;
  private boolean stopped;

  Leasing(World world) {
    this.world = world;
    random = world.seeds().of("leases");
    world.leasing(this);
  }

  void start() {
    for (int i = 0; i < CLIENTS; i++) {
      new Client(i % 2 == 0).begin();
    }
  }

  /** No more renewals: all leases end. */
  void stop() {
    stopped = true;
  }

  int ended() {
    return gone.size();
  }

  /** Leases that lived longer than their time because they were renewed. */
  int kept() {
    return keptBeyondTheirTime.size();
  }

  /** A node applied the end of a lease. */
  void gone(long lease, String node) {
    long now = world.scheduler().now();
    if (gone.putIfAbsent(lease, now) == null) {
      world.trace().line(node, "lease " + lease + " is gone");
      check(lease);
    }
  }

  private void promise(long lease, long sent) {
    promised.merge(lease, sent + PROMISE, Math::max);
    check(lease);
  }

  private void check(long lease) {
    long end = gone.getOrDefault(lease, Long.MAX_VALUE);
    long promise = promised.getOrDefault(lease, 0L);
    if (end < promise) {
      throw new Violation(
          "leases", "lease %d went at %d, promised until %d".formatted(lease, end, promise));
    }
  }

  private final class Client {
    /** Whether it puts keys for a time, each with a lease of its own. */
    private final boolean timed;

    private long lease;
    private long granted;

    Client(boolean timed) {
      this.timed = timed;
    }

    /** One thing at a time, and another one when there is no answer. */
    private void after(long delay, Runnable next) {
      world
          .scheduler()
          .after(
              Seeds.around(random, delay),
              () -> {
                if (!stopped) {
                  next.run();
                }
              });
    }

    private SimNode anyNode() {
      var nodes = world.machines();
      return nodes.get(random.nextInt(nodes.size()));
    }

    private void begin() {
      lease = ++lastId;
      granted = world.scheduler().now();
      var key = ByteString.copyFromUtf8("lease/" + lease);
      var put = PutRequest.newBuilder().setKey(key).setLease(lease).build();
      if (timed) {
        propose(
            CommandKind.TIMED_PUT,
            new TimedPut(TTL_SECONDS, put).encode(),
            () -> {
              promise(lease, granted);
              after(PERIOD, this::renew);
            });
        return;
      }
      var grant = LeaseGrantRequest.newBuilder().setID(lease).setTTL(TTL_SECONDS).build();
      propose(
          CommandKind.LEASE_GRANT,
          grant.toByteArray(),
          () -> {
            promise(lease, granted);
            propose(CommandKind.PUT, put.toByteArray(), () -> after(PERIOD, this::renew));
          });
    }

    /** Goes on if it was carried out; else with another lease. */
    private void propose(CommandKind kind, byte[] payload, Runnable then) {
      var call = call(this::begin);
      var node = anyNode();
      if (!node.serving()) {
        return;
      }
      node.propose(
          kind,
          payload,
          new Replica.Completion() {
            @Override
            public void done(Outcome outcome) {
              call.accept(
                  outcome instanceof Outcome.Failed
                      ? () -> after(PERIOD, Client.this::begin)
                      : then);
            }

            @Override
            public void failed(Replica.Failure failure) {
              // The patience ends it.
            }
          });
    }

    /** Runs the first answer, or what is done when none has come for a while. */
    private Consumer<Runnable> call(Runnable unanswered) {
      var waits = new boolean[] {true};
      Consumer<Runnable> answer =
          then -> {
            if (waits[0]) {
              waits[0] = false;
              then.run();
            }
          };
      after(PATIENCE, () -> answer.accept(unanswered));
      return answer;
    }

    private void renew() {
      if (random.nextInt(timed ? 4 : 20) == 0) {
        // Lets it go.
        begin();
        return;
      }
      long sent = world.scheduler().now();
      var call = call(this::renew);
      ask(
          anyNode(),
          new LeaseAsk(lease, true),
          seconds ->
              call.accept(
                  () -> {
                    if (seconds == 0) {
                      after(PERIOD, this::begin);
                      return;
                    }
                    promise(lease, sent);
                    if (sent > granted + 3 * TTL_SECONDS * Scheduler.SECOND) {
                      keptBeyondTheirTime.add(lease);
                    }
                    after(PERIOD, this::renew);
                  }));
    }
  }

  /** Asks a node, which asks the one that it takes for the leader. */
  private void ask(SimNode node, LeaseAsk ask, Consumer<Long> answer) {
    if (!node.serving()) {
      return;
    }
    var leader = world.machineOf(node.status().leader());
    if (leader == node) {
      askHere(node, ask, answer);
    } else if (leader != null) {
      world
          .network()
          .send(
              node.place(),
              leader.place(),
              true,
              () -> {
                if (leader.serving()) {
                  askHere(
                      leader,
                      ask,
                      seconds ->
                          world
                              .network()
                              .send(
                                  leader.place(),
                                  node.place(),
                                  true,
                                  () -> answer.accept(seconds)));
                }
              });
    }
  }

  private static void askHere(SimNode node, LeaseAsk ask, Consumer<Long> answer) {
    node.life()
        .duty()
        .ask(
            ask,
            new Lessor.Answer() {
              @Override
              public void done(List<LeaseAsk.Times> times) {
                answer.accept(times.getFirst().seconds());
              }

              @Override
              public void unknown() {
                // Whoever asked tries again.
              }
            });
  }
}
