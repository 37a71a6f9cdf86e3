package dev.kelvin.meter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HistogramTest {
  @Test
  void boundsBelongToTheirBucketAndBucketsAddUp() {
    var histogram = Histogram.exponential(1, 2, 3);
    for (double value : new double[] {0, 1, 1.5, 2, 4, 4.1, 1000}) {
      histogram.record(value);
    }
    var seen = histogram.snapshot();
    assertArrayEquals(new double[] {1, 2, 4}, seen.bounds());
    assertArrayEquals(new long[] {2, 4, 5, 7}, seen.cumulative());
    assertEquals(7, seen.count());
    assertEquals(1012.6, seen.sum(), 1e-9);
  }

  @Test
  void nothingIsLostBetweenThreads() {
    var histogram = new Histogram(10);
    IntStream.range(0, 100_000).parallel().forEach(i -> histogram.record(i % 20));
    assertArrayEquals(new long[] {55_000, 100_000}, histogram.snapshot().cumulative());
    assertEquals(950_000, histogram.snapshot().sum());
  }
}
