package dev.kelvin.sim;

import dev.kelvin.duty.LeaseAsk;
import dev.kelvin.duty.Lessor;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.LeaseChange;
import dev.kelvin.store.LeaseListener;
import dev.kelvin.store.Store;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/** The lessor of one life of a process, and the thread it runs on. */
final class Duty implements LeaseListener {
  private static final long PERIOD = 50 * Scheduler.MILLISECOND;
  private static final long WORK = 30;
  private static final long ELECTION_MILLIS = 1000;

  private final World world;
  private final SimNode machine;
  private final Life life;
  private final Lessor lessor;
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private boolean running;

  /** Milliseconds by the machine's clock, which goes on while the process is paused. */
  private long clock;

  Duty(World world, SimNode machine, Life life, Replica replica, Store store) {
    this.world = world;
    this.machine = machine;
    this.life = life;
    lessor = new Lessor(replica, store, this::execute, () -> clock, ELECTION_MILLIS);
    store.listen(this);
  }

  void begin() {
    world
        .scheduler()
        .after(
            PERIOD,
            () -> {
              if (life.lives()) {
                execute(lessor::step);
                begin();
              }
            });
  }

  /** 10 ms passed by the machine's clock. */
  void tick() {
    clock += 10;
  }

  void ask(LeaseAsk ask, Lessor.Answer answer) {
    execute(() -> lessor.ask(List.of(ask), answer));
  }

  private void execute(Runnable task) {
    tasks.add(task);
    run();
  }

  private void run() {
    if (running) {
      return;
    }
    running = true;
    world
        .scheduler()
        .after(
            machine.paused() ? PERIOD : WORK,
            () -> {
              running = false;
              if (!life.lives()) {
                return;
              }
              for (int due = machine.paused() ? 0 : tasks.size(); due > 0; due--) {
                var task = tasks.poll();
                life.guard(
                    () -> {
                      task.run();
                      return true;
                    });
              }
              life.wake();
              if (!tasks.isEmpty()) {
                run();
              }
            });
  }

  @Override
  public void changed(List<LeaseChange> changes) {
    for (var change : changes) {
      if (change instanceof LeaseChange.Gone(long lease)) {
        world.leasing().gone(lease, machine.name());
      }
    }
    lessor.changed(changes);
  }

  @Override
  public void replaced() {
    lessor.replaced();
  }
}
