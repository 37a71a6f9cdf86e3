package dev.kelvin.api;

import dev.kelvin.store.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** An exchange whose lane the test turns by hand, and which remembers its answers. */
final class RecordedExchange implements Exchange {
  private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final List<Object> answers = new ArrayList<>();
  private final boolean requiresLeader;

  RecordedExchange(boolean requiresLeader) {
    this.requiresLeader = requiresLeader;
  }

  @Override
  public Executor lane() {
    return tasks::add;
  }

  @Override
  public boolean requiresLeader() {
    return requiresLeader;
  }

  @Override
  public void done(Outcome outcome) {
    answers.add(outcome);
  }

  @Override
  public void refuse(ApiError error) {
    answers.add(error);
  }

  /** Answers given so far. */
  List<Object> answers() {
    return answers;
  }

  /** Runs what is due on the lane. */
  void runDue() {
    for (var task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /** Runs what is due on the lane until there is an answer, and returns it. */
  Object answer() {
    while (answers.isEmpty()) {
      try {
        var task = tasks.poll(10, TimeUnit.SECONDS);
        if (task == null) {
          throw new AssertionError("never answered");
        }
        task.run();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    if (answers.size() > 1) {
      throw new AssertionError("answered more than once: " + answers);
    }
    return answers.getFirst();
  }
}
