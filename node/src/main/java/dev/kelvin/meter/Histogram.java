package dev.kelvin.meter;

import java.util.Arrays;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/** How often values fell into fixed buckets. Any thread records: no lock, nothing allocated. */
public final class Histogram {
  private final double[] bounds;
  private final LongAdder[] counts;
  private final DoubleAdder sum = new DoubleAdder();

  /**
   * The values so far. Read beside recording threads: a value may be in the buckets and not yet in
   * the sum.
   *
   * @param bounds upper ones, inclusive, ascending; beyond the last there is one more bucket
   * @param cumulative how many values were at or below each bound; last: how many there were
   */
  public record Snapshot(double[] bounds, long[] cumulative, double sum) {
    public long count() {
      return cumulative[cumulative.length - 1];
    }
  }

  /**
   * @param bounds upper ones, ascending, in the unit of the values
   */
  public Histogram(double... bounds) {
    this.bounds = bounds.clone();
    counts = new LongAdder[bounds.length + 1];
    Arrays.setAll(counts, i -> new LongAdder());
  }

  /** With bounds of which each is so many times the one before. */
  public static Histogram exponential(double first, double factor, int count) {
    var bounds = new double[count];
    double next = first;
    for (int i = 0; i < count; i++) {
      bounds[i] = next;
      next *= factor;
    }
    return new Histogram(bounds);
  }

  public void record(double value) {
    int bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) {
      bucket++;
    }
    counts[bucket].increment();
    sum.add(value);
  }

  /** Records, in seconds, what has passed since {@link System#nanoTime} was {@code begin}. */
  public void recordSince(long begin) {
    record((System.nanoTime() - begin) / 1e9);
  }

  public Snapshot snapshot() {
    var cumulative = new long[counts.length];
    long total = 0;
    for (int i = 0; i < counts.length; i++) {
      total += counts[i].sum();
      cumulative[i] = total;
    }
    return new Snapshot(bounds.clone(), cumulative, sum.sum());
  }
}
