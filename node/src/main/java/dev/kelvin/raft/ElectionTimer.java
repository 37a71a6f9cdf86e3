package dev.kelvin.raft;

import java.util.random.RandomGenerator;

/**
 * Counts the ticks since a leader was heard, a vote was given or an election began. Timeouts are
 * drawn from [T, 1.5 T) (Raft paper, 5.2), while the leader is suspected from [1, T / 5].
 */
final class ElectionTimer {
  private final int electionTicks;
  private final RandomGenerator random;
  private int elapsed;
  private int timeout;
  private boolean suspected;

  ElectionTimer(int electionTicks, RandomGenerator random) {
    this.electionTicks = electionTicks;
    this.random = random;
    draw();
  }

  private void draw() {
    timeout =
        suspected
            ? 1 + random.nextInt(Math.max(1, electionTicks / 5))
            : electionTicks + random.nextInt(Math.max(1, electionTicks / 2));
  }

  void tick() {
    elapsed++;
  }

  boolean expired() {
    return elapsed >= timeout;
  }

  /** Whether the leader's lease against votes for others holds (dissertation, 4.2.3). */
  boolean leased() {
    return !suspected && elapsed < electionTicks;
  }

  /** Starts again with the timeout drawn before. */
  void restart() {
    elapsed = 0;
  }

  /** Starts again with a new timeout, as long as suspicion says. */
  void redraw() {
    elapsed = 0;
    draw();
  }

  /** The connection to the leader broke: waits only a little from now on. */
  void suspect() {
    if (!suspected) {
      suspected = true;
      redraw();
    }
  }

  /** The leader was heard. */
  void heard() {
    elapsed = 0;
    if (suspected) {
      suspected = false;
      draw();
    }
  }

  /** Waits a whole timeout, with no suspicion. */
  void reset() {
    suspected = false;
    redraw();
  }
}
