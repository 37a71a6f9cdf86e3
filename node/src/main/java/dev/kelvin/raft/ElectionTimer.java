package dev.kelvin.raft;

import java.util.random.RandomGenerator;

/**
 * Counts the ticks since a leader was heard, a vote was given or an election began. How long it
 * waits is drawn anew from the range that fits:
 *
 * <ul>
 *   <li>[T, 1.5 T) for one that heard a leader (Raft paper, 5.2).
 *   <li>[1, T / 5] once the connection to the leader broke: long enough that two who notice in the
 *       same instant seldom stand in the same instant.
 *   <li>[T / 5, 2 T / 5) for one that stands and is not elected. T is long because a leader that is
 *       only slow must not be replaced; here there is none to protect, so what bounds the wait is
 *       an election's own duration, a round trip and a voter's write (paper, 5.6: the timeout must
 *       exceed the broadcast time), and the spread that parts those who stood at once. Thus a split
 *       vote costs a fraction of T: one after suspicion ends before 0.6 T, two in a row before T.
 * </ul>
 *
 * <p>Pre-votes disturb nobody and are tried again soon as often as needed. A candidacy raises the
 * term and may end an election of others that is merely slow, so after {@value #SOON} without a
 * leader candidates wait a whole timeout again: where disks or links are slower than T / 5
 * elections succeed as they do with Raft's own timeouts.
 */
final class ElectionTimer {
  /** Candidacies that are followed by a short wait, until a leader is known. */
  private static final int SOON = 3;

  private enum Wait {
    WHOLE,
    SUSPICION,
    AGAIN
  }

  private final int electionTicks;
  private final RandomGenerator random;
  private Wait wait = Wait.WHOLE;
  private int elapsed;
  private int timeout;
  private int candidacies;

  ElectionTimer(int electionTicks, RandomGenerator random) {
    this.electionTicks = electionTicks;
    this.random = random;
    start(Wait.WHOLE);
  }

  private void start(Wait next) {
    int fifth = Math.max(1, electionTicks / 5);
    wait = next;
    elapsed = 0;
    timeout =
        switch (next) {
          case WHOLE -> electionTicks + random.nextInt(Math.max(1, electionTicks / 2));
          case SUSPICION -> 1 + random.nextInt(fifth);
          case AGAIN -> fifth + random.nextInt(fifth);
        };
  }

  void tick() {
    elapsed++;
  }

  boolean expired() {
    return elapsed >= timeout;
  }

  /** Whether the leader's lease against votes for others holds (dissertation, 4.2.3). */
  boolean leased() {
    return wait == Wait.WHOLE && elapsed < electionTicks;
  }

  /** A vote was given: waits as long again as drawn before. */
  void restart() {
    elapsed = 0;
  }

  /** The connection to the leader broke: waits only a little from now on. */
  void suspect() {
    if (wait == Wait.WHOLE) {
      start(Wait.SUSPICION);
    }
  }

  /** Pre-votes are asked for. Others may come to suspect the leader only a little later. */
  void preVote() {
    start(wait == Wait.SUSPICION ? Wait.SUSPICION : Wait.AGAIN);
  }

  /** Votes are asked for: on their way now, the own one is durable. */
  void candidacy() {
    candidacies++;
    start(candidacies <= SOON ? Wait.AGAIN : Wait.WHOLE);
  }

  /** A leader is known: it was heard, or is this member. */
  void heard() {
    candidacies = 0;
    elapsed = 0;
    if (wait != Wait.WHOLE) {
      start(Wait.WHOLE);
    }
  }

  /** Waits a whole timeout, with no suspicion. */
  void reset() {
    start(Wait.WHOLE);
  }
}
