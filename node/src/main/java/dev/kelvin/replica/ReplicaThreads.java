package dev.kelvin.replica;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Runs a replica's loops, each on a thread of its own, and its clock on the raft thread. */
public final class ReplicaThreads {
  /** A tick, in nanoseconds. */
  public static final long TICK = TimeUnit.MILLISECONDS.toNanos(10);

  private static final long IDLE = TimeUnit.SECONDS.toNanos(1);

  /** Housekeeping is looked for this often. */
  private static final long BACKGROUND_IDLE = TimeUnit.MILLISECONDS.toNanos(100);

  private final RaftReplica replica;
  private final ReplicaEvents events;
  private final List<Thread> threads = new ArrayList<>();
  private final List<Wakeup> wakeups = new ArrayList<>();
  private volatile boolean running = true;
  private long nextTick;

  public ReplicaThreads(RaftReplica replica, ReplicaEvents events) {
    this.replica = replica;
    this.events = events;
  }

  public void start() {
    nextTick = System.nanoTime() + TICK;
    run("raft", replica.mailbox().wakeup, this::raftStep, this::raftHasWork, TICK);
    run("log", replica.logLoop().wakeup, replica::logStep, replica.logLoop()::hasWork, IDLE);
    run(
        "apply",
        replica.applyLoop().wakeup,
        replica::applyStep,
        replica.applyLoop()::hasWork,
        IDLE);
    run(
        "background",
        replica.background().wakeup,
        replica::backgroundStep,
        replica.background()::hasWork,
        BACKGROUND_IDLE);
  }

  /** Stops the replica and waits until its loops have ended. */
  public void stop() throws InterruptedException {
    replica.stop();
    // The raft loop must see the stop, so that every waiting request is told.
    var deadline = System.nanoTime() + IDLE;
    while (!replica.stopped() && System.nanoTime() < deadline && alive()) {
      Thread.onSpinWait();
    }
    running = false;
    wakeups.forEach(Wakeup::wake);
    for (var thread : threads) {
      thread.join();
    }
  }

  private boolean alive() {
    return threads.stream().allMatch(Thread::isAlive);
  }

  private boolean raftStep() {
    long now = System.nanoTime();
    for (long late = now - nextTick; late >= 0; late -= TICK) {
      nextTick += TICK;
      replica.tick();
    }
    return replica.raftStep();
  }

  private boolean raftHasWork() {
    return replica.raftHasWork() || System.nanoTime() - nextTick >= 0;
  }

  private void run(
      String name, Wakeup wakeup, BooleanSupplier step, BooleanSupplier hasWork, long idle) {
    wakeups.add(wakeup);
    var thread =
        Thread.ofPlatform()
            .name("kelvin-" + name)
            .unstarted(
                () -> {
                  try {
                    loop(wakeup, step, hasWork, idle);
                  } catch (Throwable e) {
                    events.fatal(e);
                  }
                });
    threads.add(thread);
    thread.start();
  }

  private void loop(Wakeup wakeup, BooleanSupplier step, BooleanSupplier hasWork, long idle) {
    while (running) {
      if (step.getAsBoolean()) {
        continue;
      }
      wakeup.prepare();
      if (!running || hasWork.getAsBoolean()) {
        wakeup.cancel();
      } else {
        wakeup.sleep(idle);
      }
    }
  }
}
