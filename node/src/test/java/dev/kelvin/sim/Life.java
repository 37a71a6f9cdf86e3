package dev.kelvin.sim;

import dev.kelvin.checker.Operation.Result;
import dev.kelvin.checker.Request;
import dev.kelvin.checker.Violation;
import dev.kelvin.log.DurableLog;
import dev.kelvin.log.FatalLogException;
import dev.kelvin.raft.Message.InstallSnapshot;
import dev.kelvin.raft.RaftConfig;
import dev.kelvin.raft.SnapshotMeta;
import dev.kelvin.replica.RaftReplica;
import dev.kelvin.replica.Replica;
import dev.kelvin.replica.ReplicaConfig;
import dev.kelvin.replica.ReplicaEvents;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Store;
import dev.kelvin.store.UnknownFormatException;
import dev.kelvin.watch.Watches;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * One life of a node's process: the real log, store, core and replica, opened from a volume and
 * driven by the scheduler until the process dies.
 */
final class Life implements ReplicaEvents {
  /** A tick by a good clock. */
  private static final long TICK = 10 * Scheduler.MILLISECOND;

  private static final int REQUEST_TIMEOUT_TICKS = 120;

  private final World world;
  private final SimNode machine;
  private final long member;
  private final RandomGenerator timing;
  final DurableLog log;
  final Store store;
  final RaftReplica replica;
  private final Replica sabotaged;
  private final Front front;

  /** Null where nobody holds leases. */
  private final Duty duty;

  /** Null where nobody watches. */
  private final Watches watches;

  private final List<Loop> loops;

  /**
   * @param random for the node's own use
   * @param timing how long its work takes
   */
  Life(
      World world, SimNode machine, Volume volume, RandomGenerator random, RandomGenerator timing) {
    this.world = world;
    this.machine = machine;
    this.member = machine.member();
    this.timing = timing;
    log = volume.openLog();
    store = volume.openStore(machine.codec());
    try {
      replica = replica(volume, random);
    } catch (RuntimeException e) {
      world.stores().crash(store);
      throw e;
    }
    sabotaged = world.sabotage().replica(replica);
    front = new Front(sabotaged, store, this::answer);
    duty = world.leasing() == null ? null : new Duty(world, machine, this, sabotaged, store);
    watches = world.watching() == null ? null : new Watches(store);
    loops = new ArrayList<>();
    loops.add(loop(replica::raftStep, 50, 0));
    loops.add(loop(replica::logStep, 400, 1));
    loops.add(loop(replica::applyStep, 150, 0));
    loops.add(loop(replica::backgroundStep, 2000, 0));
    if (watches != null) {
      store.listen(watches);
      loops.add(loop(watches::dispatch, 200, 0));
      loops.add(loop(watches::catchUp, 1000, 1));
    }
  }

  private RaftReplica replica(Volume volume, RandomGenerator random) {
    var own = world.sabotage().stateMachine(store, volume.memory());
    return new RaftReplica(
        new ReplicaConfig(
            member,
            random.nextLong(),
            256,
            1 << 20,
            256,
            REQUEST_TIMEOUT_TICKS,
            world.maxLogBytes(),
            world.keptEntries()),
        new RaftConfig(member, 100, 10, 1024, 8, 8 << 10, 1 << 20, 1 << 20),
        log,
        new Witness(own, world.invariants(), machine.name()),
        world.sabotage().transport(member, new SimTransport(world, machine, this)),
        machine.codec(),
        this,
        random);
  }

  private Loop loop(BooleanSupplier step, long mean, int onDisk) {
    return new Loop(
        world.scheduler(),
        () -> lives() && !machine.paused(),
        () -> Seeds.around(timing, mean + onDisk * machine.slowDisk()),
        () -> guard(step),
        this::wake);
  }

  void begin() {
    tickLater();
    wake();
    if (duty != null) {
      duty.begin();
    }
  }

  Duty duty() {
    return duty;
  }

  Watches watches() {
    return watches;
  }

  /** The process dies; the store forgets what it had not flushed. */
  void end() {
    front.die();
    if (watches != null) {
      watches.close();
    }
    log.close();
    world.stores().crash(store);
  }

  boolean lives() {
    return machine.life() == this;
  }

  void wake() {
    loops.forEach(Loop::wake);
  }

  private void tickLater() {
    world
        .scheduler()
        .after(
            (long) (TICK / machine.clockRate()),
            () -> {
              if (!lives()) {
                return;
              }
              if (duty != null) {
                duty.tick();
              }
              if (!machine.paused()) {
                replica.tick();
                wake();
              }
              tickLater();
            });
  }

  /** Runs a piece of the node's own code; what it throws is the end of this life, or of the run. */
  boolean guard(BooleanSupplier step) {
    try {
      return step.getAsBoolean();
    } catch (Violation e) {
      throw e;
    } catch (FatalLogException e) {
      machine.powerFailed(e);
      return false;
    } catch (UnknownFormatException e) {
      machine.stopForGood(e);
      return false;
    } catch (RuntimeException | AssertionError e) {
      throw machine.broken(e);
    }
  }

  /** Answers leave the process from here, one event later, like everything else. */
  private void answer(Runnable task) {
    world
        .scheduler()
        .after(
            1,
            () -> {
              if (lives()) {
                task.run();
              }
            });
  }

  void ask(Request request, Consumer<Result> answer) {
    front.ask(request, answer);
    wake();
  }

  void propose(CommandKind kind, byte[] payload, Replica.Completion completion) {
    sabotaged.propose(kind, payload, this::answer, completion);
    wake();
  }

  private void say(String what) {
    world.trace().line(machine.name(), what);
  }

  @Override
  public void leader(long term, long leader) {
    say("term " + term + ": " + (leader == 0 ? "nobody leads" : leader + " leads"));
    if (leader != 0) {
      world.invariants().leads(term, leader, machine.name());
      if (leader == member) {
        world.elected(machine);
      }
    }
  }

  @Override
  public void cluster(ClusterState cluster) {
    say("members " + cluster.membership());
    world.membersChanged();
    if (cluster.removed().contains(member)) {
      world.removed(machine);
    }
  }

  @Override
  public void snapshotSent(long to, SnapshotMeta snapshot, boolean success) {
    say("snapshot " + snapshot.index() + (success ? " sent to " : " did not get to ") + to);
    world.tally().count(success ? Happening.SNAPSHOTS_SENT : Happening.SNAPSHOTS_LOST);
  }

  @Override
  public void snapshotInstalled(SnapshotMeta snapshot) {
    say("installed snapshot " + snapshot.index());
    world.tally().count(Happening.SNAPSHOTS_INSTALLED);
  }

  @Override
  public void snapshotNotInstalled(SnapshotMeta snapshot, Throwable cause) {
    throw new Violation("assertion", machine.name() + " cannot install " + snapshot + ": " + cause);
  }

  @Override
  public void logTruncated(long firstIndex, long bytes) {
    say("log begins at " + firstIndex);
    world.tally().count(Happening.LOG_CUTS);
  }

  @Override
  public void waitsForSpace(String what, String why) {
    say(what + " waits for space: " + why);
  }

  @Override
  public void hasSpaceAgain(String what) {
    say(what + " has space again");
  }

  @Override
  public void fatal(Throwable cause) {
    throw new Violation("assertion", machine.name() + " cannot go on: " + cause);
  }

  void receiveSnapshot(InstallSnapshot message, String path) {
    replica.receiveSnapshot(message, path);
    wake();
  }
}
