package dev.kelvin.chaos;

import dev.kelvin.sim.Seeds;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What is to happen, one after another, all drawn from the seed: the same seed gives the same
 * steps. Kinds come from a deck that holds each one, shuffled anew when it is empty, so that none
 * is left out for long. Whom a step hits is said by a number and resolved when it happens.
 */
final class Schedule {
  /**
   * One fault.
   *
   * @param waitMillis quiet time before it
   * @param holdMillis how long it lasts
   * @param hitsLeader whether the leader is meant, where a member is hit
   * @param choice which one of those that are eligible, not negative
   * @param overlaps whether the next fault comes while this one lasts
   */
  record Step(
      int number,
      FaultKind kind,
      long waitMillis,
      long holdMillis,
      boolean hitsLeader,
      int choice,
      boolean overlaps) {

    @Override
    public String toString() {
      return "#%d %s: %s%s, choice %d, for %d ms%s"
          .formatted(
              number,
              kind,
              kind.text(),
              hitsLeader ? " (the leader)" : "",
              choice,
              holdMillis,
              overlaps ? ", overlapping the next" : "");
    }
  }

  private final RandomGenerator random;
  private final List<FaultKind> kinds;
  private final Deque<FaultKind> deck = new ArrayDeque<>();
  private int drawn;

  Schedule(long seed, boolean linksCanBeCut) {
    random = new Seeds(seed).of("schedule");
    kinds = new ArrayList<>(List.of(FaultKind.values()));
    if (!linksCanBeCut) {
      kinds.removeIf(FaultKind::cutsLinks);
    }
  }

  /** Kinds that may be drawn. */
  List<FaultKind> kinds() {
    return List.copyOf(kinds);
  }

  Step next() {
    if (deck.isEmpty()) {
      var shuffled = new ArrayList<>(kinds);
      for (int i = shuffled.size() - 1; i > 0; i--) {
        Collections.swap(shuffled, i, random.nextInt(i + 1));
      }
      deck.addAll(shuffled);
    }
    var kind = deck.remove();
    return new Step(
        ++drawn,
        kind,
        random.nextLong(100, 1200),
        hold(kind),
        random.nextInt(3) > 0,
        random.nextInt(1 << 20),
        random.nextInt(4) == 0);
  }

  private long hold(FaultKind kind) {
    return switch (kind) {
      case PAUSE_SHORT -> random.nextLong(30, 800);
      case PAUSE_LONG, ISOLATE_ELECTED -> random.nextLong(1500, 4000);
      case TRANSFER -> 0;
      case KILL_ALL -> random.nextLong(0, 500);
      case GROW, REPLACE -> random.nextLong(4000, 7000);
      case KILL, RESTART, SHRINK -> random.nextLong(0, 3000);
      case PARTITION, ONE_WAY, SLOW -> random.nextLong(800, 5000);
    };
  }
}
