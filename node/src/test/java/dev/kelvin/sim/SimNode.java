package dev.kelvin.sim;

import dev.kelvin.log.DurableLog;
import dev.kelvin.log.FatalLogException;
import dev.kelvin.peer.MessageCodec;
import dev.kelvin.raft.Message.InstallSnapshot;
import dev.kelvin.raft.RaftConfig;
import dev.kelvin.raft.RaftStatus;
import dev.kelvin.raft.SnapshotMeta;
import dev.kelvin.replica.RaftReplica;
import dev.kelvin.replica.Replica;
import dev.kelvin.replica.ReplicaConfig;
import dev.kelvin.replica.ReplicaEvents;
import dev.kelvin.sim.checker.Operation.NotDone;
import dev.kelvin.sim.checker.Operation.Result;
import dev.kelvin.sim.checker.Operation.Unknown;
import dev.kelvin.sim.checker.Request;
import dev.kelvin.sim.checker.Violation;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.Store;
import dev.kelvin.store.UnknownFormatException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * A machine with a volume, and the node's process on it: real core, log, store and replica, driven
 * by the scheduler. The process can die at any moment and start again from what the volume kept.
 */
final class SimNode implements Server {
  /** A tick by a good clock. */
  private static final long TICK = 10 * Scheduler.MILLISECOND;

  private static final int REQUEST_TIMEOUT_TICKS = 120;

  private final World world;
  private final int place;
  private final String name;
  private final RandomGenerator random;
  private final RandomGenerator timing;

  /** Null while the machine has no data: waiting to be a member. */
  private Volume volume;

  private long member;
  private Life life;
  private boolean paused;
  private double clockRate = 1;
  private long slowDisk;

  /** Not null: dies after its next vote. */
  private Runnable afterVote;

  SimNode(World world, int place) {
    this.world = world;
    this.place = place;
    this.name = "n" + (place + 1);
    this.random = world.seeds().of("node " + place);
    this.timing = world.seeds().of("timing " + place);
  }

  @Override
  public String name() {
    return name;
  }

  int place() {
    return place;
  }

  /** The member whose data are on the volume; 0 if there are none. */
  long member() {
    return member;
  }

  boolean running() {
    return life != null;
  }

  boolean applied(long index) {
    return life != null && life.store.applied().index() >= index;
  }

  /** Whether it would know an entry committed after a power loss. */
  boolean knowsDurably(long index) {
    return applied(index) && life.log.hardState().commit() >= index;
  }

  boolean serving() {
    return life != null && !paused;
  }

  /** Null while nothing runs. */
  RaftStatus status() {
    return life == null ? null : life.replica.status();
  }

  Store store() {
    return life.store;
  }

  Volume volume() {
    return volume;
  }

  void found(long clusterId, long memberId) {
    become(memberId);
    volume.found(world.member(memberId, name, false), clusterId);
    start();
  }

  void join(long memberId) {
    become(memberId);
    volume.follow();
    start();
  }

  private void become(long memberId) {
    if (member != 0) {
      throw new IllegalStateException(name + " already has data, of member " + member);
    }
    member = memberId;
    volume = new Volume(name, world, memberId);
    say("becomes member " + memberId);
  }

  void start() {
    if (life != null || member == 0) {
      return;
    }
    try {
      life = new Life();
    } catch (RuntimeException e) {
      powerFailed(e);
      return;
    }
    say("starts, applied " + life.store.applied() + ", " + life.log.hardState());
    if (life.store.cluster().removed().contains(member)) {
      end("finds itself removed");
      return;
    }
    life.begin();
  }

  void restart() {
    if (life == null && member != 0) {
      world.tally().count(Happening.RESTARTS);
      start();
    }
  }

  /** The process dies; the machine goes on, and so does what the process wrote. */
  void kill(String why) {
    if (life != null) {
      end("is killed: " + why);
      volume.calm();
    }
  }

  /** The process dies with its machine: what the disk had not synced is lost, torn, or there. */
  void losePower(String why) {
    if (life != null) {
      end("loses power: " + why);
      volume.losePower();
    }
  }

  private void end(String how) {
    say(how);
    life.end();
    life = null;
    paused = false;
    world.died(this, member);
  }

  private void powerFailed(RuntimeException e) {
    if (!Volume.powerLoss(e)) {
      throw broken(e);
    }
    world.tally().count(Happening.CRASHES_IN_SYNC);
    if (life != null) {
      losePower("in the midst of a write");
    } else {
      say("loses power while it starts");
      volume.losePower();
    }
  }

  private Violation broken(Throwable e) {
    var violation = new Violation("assertion", name + " found itself wrong: " + e);
    violation.initCause(e);
    return violation;
  }

  /** The machine's volume is gone, and the process with it. */
  void loseVolume() {
    if (life != null) {
      end("loses its volume");
    }
    volume = null;
    member = 0;
  }

  /** Kills the process right after its next vote. */
  void killAfterVote(Runnable then) {
    afterVote = then;
  }

  /** The process granted a vote. */
  void voted() {
    var then = afterVote;
    if (then != null) {
      afterVote = null;
      world
          .scheduler()
          .after(
              1,
              () -> {
                kill("right after it voted");
                then.run();
              });
    }
  }

  /** Lets the power fail when the log has done so many disk operations more. */
  void cutPowerIn(int operations) {
    if (life != null) {
      volume.cutPowerIn(operations);
    }
  }

  /** No death that was planned any more. */
  void calm() {
    afterVote = null;
    if (volume != null) {
      volume.calm();
    }
  }

  void close() {
    if (life != null) {
      life.end();
      life = null;
    }
  }

  void pause() {
    say("is paused");
    paused = true;
  }

  void resume() {
    if (paused) {
      say("goes on");
      paused = false;
      if (life != null) {
        life.wake();
      }
    }
  }

  void clockRate(double rate) {
    clockRate = rate;
  }

  void jumpClock(int ticks) {
    if (serving()) {
      for (int i = 0; i < ticks; i++) {
        life.replica.tick();
      }
      life.wake();
    }
  }

  /** Every batch of the log takes that much longer, on average. */
  void slowDisk(long micros) {
    slowDisk = micros;
  }

  void flush() {
    if (serving()) {
      life.guard(
          () -> {
            life.store.flush();
            world.tally().count(Happening.STORE_FLUSHES);
            return true;
          });
    }
  }

  void transferLeadership(long to) {
    if (serving()) {
      life.replica.transferLeadership(to);
      life.wake();
    }
  }

  /** A frame from another node arrives. */
  void receive(byte[] frame) {
    if (life == null || paused) {
      return;
    }
    for (var message : MessageCodec.decode(frame)) {
      life.replica.receive(message);
    }
    life.wake();
  }

  void unreachable(long peer) {
    if (serving()) {
      life.replica.unreachable(peer);
      life.wake();
    }
  }

  Life life() {
    return life;
  }

  void wake() {
    if (serving()) {
      life.wake();
    }
  }

  @Override
  public void ask(Request request, Consumer<Result> answer) {
    if (life == null) {
      answer.accept(new NotDone("connection refused"));
    } else if (!paused) {
      life.ask(request, answer);
    }
  }

  /** Proposes a change of members; the answer may never come. */
  void propose(CommandKind kind, byte[] payload, Replica.Completion completion) {
    if (serving()) {
      life.front.propose(kind, payload, life::answer, completion);
      life.wake();
    } else {
      completion.failed(Replica.Failure.NO_LEADER);
    }
  }

  private void say(String what) {
    world.trace().line(name, what);
  }

  /** One life of the process. */
  final class Life implements ReplicaEvents {
    final DurableLog log;
    final Store store;
    final RaftReplica replica;
    private final Replica front;
    private final List<Loop> loops;
    private final Set<Consumer<Result>> waiting = new LinkedHashSet<>();

    private Life() {
      log = volume.openLog();
      store = volume.openStore();
      var machine = world.sabotage().stateMachine(store, volume.memory());
      replica =
          new RaftReplica(
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
              new Witness(machine, world.invariants(), name),
              world.sabotage().transport(member, new SimTransport(world, SimNode.this, this)),
              volume.codec(),
              this,
              random);
      front = world.sabotage().replica(replica);
      loops =
          List.of(
              loop(replica::raftStep, 50, 0),
              loop(replica::logStep, 400, 1),
              loop(replica::applyStep, 150, 0),
              loop(replica::backgroundStep, 2000, 0));
    }

    private Loop loop(BooleanSupplier step, long mean, int onDisk) {
      return new Loop(
          world.scheduler(),
          () -> life == this && !paused,
          () -> Seeds.around(timing, mean + onDisk * slowDisk),
          () -> guard(step),
          this::wake);
    }

    private void begin() {
      tickLater();
      wake();
    }

    private void end() {
      waiting.forEach(answer -> answer.accept(new Unknown("connection lost")));
      waiting.clear();
      log.close();
      world.stores().crash(store);
    }

    boolean lives() {
      return life == this;
    }

    private void wake() {
      loops.forEach(Loop::wake);
    }

    private void tickLater() {
      world
          .scheduler()
          .after(
              (long) (TICK / clockRate),
              () -> {
                if (life != this) {
                  return;
                }
                if (!paused) {
                  replica.tick();
                  wake();
                }
                tickLater();
              });
    }

    /**
     * Runs a piece of the node's own code; what it throws is the end of this life, or of the run.
     */
    private boolean guard(BooleanSupplier step) {
      try {
        return step.getAsBoolean();
      } catch (Violation e) {
        throw e;
      } catch (FatalLogException e) {
        powerFailed(e);
        return false;
      } catch (UnknownFormatException e) {
        world.refusedToGoOn(SimNode.this, e);
        return false;
      } catch (RuntimeException | AssertionError e) {
        throw broken(e);
      }
    }

    /** Answers leave the process from here, one event later, like everything else. */
    private void answer(Runnable task) {
      world
          .scheduler()
          .after(
              1,
              () -> {
                if (life == this) {
                  task.run();
                }
              });
    }

    private void ask(Request request, Consumer<Result> answer) {
      waiting.add(answer);
      if (request instanceof Request.Range range) {
        if (range.serializable()) {
          read(range, answer);
        } else {
          front.barrier(this::answer, barrier(range, answer));
        }
      } else {
        front.propose(Etcd.kind(request), Etcd.payload(request), this::answer, completion(answer));
      }
      wake();
    }

    private void read(Request.Range range, Consumer<Result> answer) {
      finish(answer, Etcd.result(store.range(Etcd.range(range), false)));
    }

    private void finish(Consumer<Result> answer, Result result) {
      if (waiting.remove(answer)) {
        answer.accept(result);
      }
    }

    private Replica.Barrier barrier(Request.Range range, Consumer<Result> answer) {
      return new Replica.Barrier() {
        @Override
        public void reached() {
          read(range, answer);
        }

        @Override
        public void failed(Replica.Failure failure) {
          finish(answer, new NotDone(failure.name()));
        }
      };
    }

    private Replica.Completion completion(Consumer<Result> answer) {
      return new Replica.Completion() {
        @Override
        public void done(Outcome outcome) {
          finish(answer, Etcd.result(outcome));
        }

        @Override
        public void failed(Replica.Failure failure) {
          finish(
              answer,
              failure == Replica.Failure.TIMEOUT
                  ? new Unknown(failure.name())
                  : new NotDone(failure.name()));
        }
      };
    }

    @Override
    public void leader(long term, long leader) {
      say("term " + term + ": " + (leader == 0 ? "nobody leads" : leader + " leads"));
      if (leader != 0) {
        world.invariants().leads(term, leader, name);
        if (leader == member) {
          world.elected(SimNode.this);
        }
      }
    }

    @Override
    public void cluster(ClusterState cluster) {
      say("members " + cluster.membership());
      world.membersChanged();
      if (cluster.removed().contains(member)) {
        world.removed(SimNode.this);
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
    public void logTruncated(long firstIndex, long bytes) {
      say("log begins at " + firstIndex);
      world.tally().count(Happening.LOG_CUTS);
    }

    @Override
    public void fatal(Throwable cause) {
      throw new Violation("assertion", name + " cannot go on: " + cause);
    }

    void receiveSnapshot(InstallSnapshot message, String path) {
      replica.receiveSnapshot(message, path);
      wake();
    }
  }
}
