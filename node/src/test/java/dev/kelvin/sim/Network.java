package dev.kelvin.sim;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * The network between places (node numbers from 0). Each ordered pair of places is a stream that
 * keeps its order, except where the weather says otherwise; there is no such thing for clients.
 */
final class Network {
  /** How bad it is. Probabilities per message; delay in microseconds, mean, on top of the usual. */
  record Weather(double drop, double delay, long delayMean, double reorder, double duplicate) {
    static final Weather FAIR = new Weather(0, 0, 0, 0, 0);
  }

  private static final long USUAL_DELAY = 300;

  private final Scheduler scheduler;
  private final RandomGenerator random;
  private final Tally tally;
  private final boolean[][] cut;
  private final long[][] lastArrival;
  private Weather weather = Weather.FAIR;

  Network(Scheduler scheduler, RandomGenerator random, Tally tally, int places) {
    this.scheduler = scheduler;
    this.random = random;
    this.tally = tally;
    this.cut = new boolean[places][places];
    this.lastArrival = new long[places][places];
  }

  void weather(Weather weather) {
    this.weather = weather;
  }

  /** Cuts one direction: what is on the way is lost too, as far as it would arrive later. */
  void cut(int from, int to) {
    cut[from][to] = true;
  }

  void mend() {
    for (var row : cut) {
      Arrays.fill(row, false);
    }
  }

  boolean connected(int from, int to) {
    return !cut[from][to];
  }

  /**
   * @param mayRepeat whether the message may arrive twice: consensus messages must stand it, while
   *     the stream under them promises forwarded commands that it does not happen
   */
  void send(int from, int to, boolean mayRepeat, Runnable arrive) {
    if (cut[from][to] || chance(weather.drop)) {
      tally.count(Happening.DROPPED);
      return;
    }
    carry(from, to, arrive);
    if (mayRepeat && chance(weather.duplicate)) {
      tally.count(Happening.DUPLICATED);
      carry(from, to, arrive);
    }
  }

  private void carry(int from, int to, Runnable arrive) {
    long delay = Seeds.around(random, USUAL_DELAY);
    if (chance(weather.delay)) {
      tally.count(Happening.DELAYED);
      delay += Seeds.around(random, weather.delayMean);
    }
    long arrival = scheduler.now() + delay;
    if (chance(weather.reorder)) {
      // Later ones may overtake it.
      tally.count(Happening.REORDERED);
      arrival += Seeds.around(random, 20 * Scheduler.MILLISECOND);
    } else {
      arrival = Math.max(arrival, lastArrival[from][to]);
      lastArrival[from][to] = arrival;
    }
    scheduler.after(
        arrival - scheduler.now(),
        () -> {
          if (cut[from][to]) {
            tally.count(Happening.DROPPED);
          } else {
            arrive.run();
          }
        });
  }

  private boolean chance(double probability) {
    return probability > 0 && random.nextDouble() < probability;
  }
}
