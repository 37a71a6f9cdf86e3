package dev.kelvin.sim;

import dev.kelvin.checker.Operation.NotDone;
import dev.kelvin.checker.Operation.Result;
import dev.kelvin.checker.Request;
import dev.kelvin.checker.Violation;
import dev.kelvin.peer.MessageCodec;
import dev.kelvin.raft.RaftStatus;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.CommandCodec;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Store;
import dev.kelvin.store.UnknownFormatException;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * A machine with a volume, and the node's process on it: real core, log, store and replica, driven
 * by the scheduler. The process can die at any moment and start again from what the volume kept.
 */
final class SimNode implements Server {
  private final World world;
  private final int place;
  private final String name;
  private final RandomGenerator random;
  private final RandomGenerator timing;

  /** Null while the machine has no data: waiting to be a member. */
  private Volume volume;

  private long member;
  private CommandCodec codec = CommandCodec.standard();
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

  boolean paused() {
    return paused;
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
      life = new Life(world, this, volume, random, timing);
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

  /** What a life's log threw when the power failed; anything else it throws is a defect. */
  void powerFailed(RuntimeException e) {
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

  Violation broken(Throwable e) {
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

  /** The release that the node's next life runs. */
  void release(CommandCodec next) {
    codec = next;
  }

  CommandCodec codec() {
    return codec;
  }

  double clockRate() {
    return clockRate;
  }

  long slowDisk() {
    return slowDisk;
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
      life.propose(kind, payload, completion);
    } else {
      completion.failed(Replica.Failure.NO_LEADER);
    }
  }

  /** The process met something it must not skip, and ended itself. */
  void stopForGood(UnknownFormatException why) {
    end("stops: " + why.getMessage());
    world.refusedToGoOn(this, why);
  }

  private void say(String what) {
    world.trace().line(name, what);
  }
}
