package dev.kelvin.member;

import dev.kelvin.duty.LeaseAsk;
import dev.kelvin.duty.Lessor;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.Lease;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Takes questions about leases to whoever leads: one call at a time with many questions in it,
 * while further ones gather for the next. A question that got no answer is asked again until its
 * time is over: to ask changes no more than to ask once.
 */
final class LeaseDesk implements LeaseTimes {
  /** How often {@link #step} is to be called, in milliseconds. */
  static final long PERIOD = 50;

  /** Questions without an answer, beyond which none are taken. */
  static final int MAX_WAITING = 1 << 16;

  /** Questions of one call. */
  static final int MAX_CALL = 8192;

  /** Asks another member; answers on the desk's lane. */
  interface Others {
    void ask(long leader, List<LeaseAsk> asked, Lessor.Answer answer);
  }

  private record Waiting(LeaseAsk ask, long deadline, Executor lane, Answer answer) {}

  private final long self;
  private final Replica replica;
  private final Lessor lessor;
  private final Others others;
  private final Executor lane;
  private final LongSupplier clock;
  private final long timeout;
  private final Queue<Waiting> arrived = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicBoolean due = new AtomicBoolean();
  private volatile boolean closed;

  // On the lane.

  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private boolean asking;

  /** The last call failed: the next one is made by {@link #step}. */
  private boolean pausing;

  /**
   * @param lane for this and the lessor
   * @param clock milliseconds, monotonic
   * @param timeout milliseconds after which a question is refused
   */
  LeaseDesk(
      long self,
      Replica replica,
      Lessor lessor,
      Others others,
      Executor lane,
      LongSupplier clock,
      long timeout) {
    this.self = self;
    this.replica = replica;
    this.lessor = lessor;
    this.others = others;
    this.lane = lane;
    this.clock = clock;
    this.timeout = timeout;
  }

  @Override
  public void ask(LeaseAsk ask, Executor asker, Answer answer) {
    if (closed) {
      asker.execute(() -> answer.refused(Refusal.STOPPED));
    } else if (count.incrementAndGet() > MAX_WAITING) {
      count.decrementAndGet();
      asker.execute(() -> answer.refused(Refusal.TOO_MANY_REQUESTS));
    } else {
      arrived.add(new Waiting(ask, clock.getAsLong() + timeout, asker, answer));
      if (due.compareAndSet(false, true)) {
        onLane(this::dispatch);
      }
    }
  }

  @Override
  public void inOrder(List<Lease> leases, Executor asker, Consumer<List<Lease>> answer) {
    onLane(
        () -> {
          var ordered = lessor.inOrder(leases);
          asker.execute(() -> answer.accept(ordered));
        });
  }

  /** Answers for a member that takes this one for the leader, on the lane. */
  void askHere(List<LeaseAsk> asked, Lessor.Answer answer) {
    onLane(() -> lessor.ask(asked, answer));
  }

  private void onLane(Runnable task) {
    try {
      lane.execute(task);
    } catch (RejectedExecutionException e) {
      // It ended after this node began to stop; whoever waits for it is cut off.
      return;
    }
  }

  /** On the lane. */
  void step() {
    lessor.step();
    pausing = false;
    gather();
    refuse(clock.getAsLong(), replica.status().leader() == 0 ? Refusal.NO_LEADER : Refusal.TIMEOUT);
    dispatch();
  }

  private void gather() {
    for (var next = arrived.poll(); next != null; next = arrived.poll()) {
      waiting.add(next);
    }
  }

  private void dispatch() {
    due.set(false);
    gather();
    if (closed) {
      refuse(Long.MAX_VALUE, Refusal.STOPPED);
      return;
    }
    long leader = replica.status().leader();
    if (asking || pausing || waiting.isEmpty() || leader == 0) {
      return;
    }
    var call = new ArrayList<Waiting>();
    while (call.size() < MAX_CALL && !waiting.isEmpty()) {
      call.add(waiting.poll());
    }
    asking = true;
    var asked = call.stream().map(Waiting::ask).toList();
    var answer =
        new Lessor.Answer() {
          @Override
          public void done(List<LeaseAsk.Times> times) {
            asking = false;
            var answers = new ArrayList<Runnable>();
            for (int i = 0; i < call.size(); i++) {
              var to = call.get(i).answer;
              var known = times.get(i);
              answers.add(() -> to.done(known));
            }
            tell(call, answers);
            dispatch();
          }

          @Override
          public void unknown() {
            asking = false;
            pausing = true;
            for (var question : call.reversed()) {
              waiting.addFirst(question);
            }
            if (closed) {
              dispatch();
            }
          }
        };
    if (leader == self) {
      lessor.ask(asked, answer);
    } else {
      others.ask(leader, asked, answer);
    }
  }

  /** Refuses what waits and is due at a time. */
  private void refuse(long now, Refusal refusal) {
    var late = waiting.stream().filter(w -> w.deadline <= now).toList();
    if (!late.isEmpty()) {
      waiting.removeIf(w -> w.deadline <= now);
      tell(late, late.stream().<Runnable>map(w -> () -> w.answer.refused(refusal)).toList());
    }
  }

  /** One task for each lane, in order. */
  private void tell(List<Waiting> whom, List<Runnable> answers) {
    count.addAndGet(-whom.size());
    Map<Executor, List<Runnable>> byLane = new IdentityHashMap<>();
    for (int i = 0; i < whom.size(); i++) {
      byLane.computeIfAbsent(whom.get(i).lane, _ -> new ArrayList<>()).add(answers.get(i));
    }
    byLane.forEach(
        (asker, tasks) -> {
          try {
            asker.execute(() -> tasks.forEach(Runnable::run));
          } catch (RejectedExecutionException e) {
            // The lane is gone, and with it whoever waited.
            return;
          }
        });
  }

  /** Takes no more questions and refuses those that wait. */
  void close() {
    closed = true;
    onLane(this::dispatch);
  }
}
