package dev.kelvin.duty;

/**
 * How many leases of one sort may be ended: by a rate, and so many on their way through the log.
 * Not thread-safe.
 */
final class EndPace {
  private static final int SECOND = 1000;

  private final int rate;
  private final int mostUnderWay;
  private long allowance;
  private long allowedAt;
  private int underWay;

  /**
   * @param rate a second; half of it at once after a quiet time
   * @param now milliseconds
   */
  EndPace(int rate, int mostUnderWay, long now) {
    this.rate = rate;
    this.mostUnderWay = mostUnderWay;
    allowedAt = now;
  }

  /** How many may be ended now. */
  int most(long now) {
    allowance = Math.min(rate / 2, allowance + (now - allowedAt) * rate / SECOND);
    allowedAt = now;
    return (int) Math.min(allowance, mostUnderWay - underWay);
  }

  void begins() {
    allowance--;
    underWay++;
  }

  void ended() {
    underWay--;
  }
}
