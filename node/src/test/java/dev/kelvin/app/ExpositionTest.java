package dev.kelvin.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.meter.Histogram;
import org.junit.jupiter.api.Test;

class ExpositionTest {
  @Test
  void numbersOfLabelsAreWrittenAsGoDoes() {
    assertEquals("0.0001", Exposition.number(0.0001));
    assertEquals("5e-05", Exposition.number(0.00005));
    assertEquals("0.128", Exposition.number(0.001 * 128));
    assertEquals("1", Exposition.number(1));
    assertEquals("10", Exposition.number(10));
    assertEquals("524288", Exposition.number(524288));
    assertEquals("1.048576e+06", Exposition.number(1048576));
    assertEquals("1e+06", Exposition.number(1_000_000));
  }

  @Test
  void aFamilyIsItsHelpItsTypeAndItsValues() {
    var page = new Exposition();
    page.gauge("some_total", "A gauge.", 7);
    page.family(Exposition.Type.COUNTER, "c_total", "Counts.").value(1.5, "a", "x\"y", "b", "");
    var histogram = new Histogram(0.5);
    histogram.record(0.25);
    histogram.record(2);
    page.family(Exposition.Type.HISTOGRAM, "h", "Times.").value(histogram.snapshot(), "To", "1f");
    assertEquals(
        """
        # HELP some_total A gauge.
        # TYPE some_total gauge
        some_total 7
        # HELP c_total Counts.
        # TYPE c_total counter
        c_total{a="x\\"y",b=""} 1.5
        # HELP h Times.
        # TYPE h histogram
        h_bucket{To="1f",le="0.5"} 1
        h_bucket{To="1f",le="+Inf"} 2
        h_sum{To="1f"} 2.25
        h_count{To="1f"} 2
        """,
        page.text());
  }
}
