package dev.kelvin.app;

import dev.kelvin.meter.Histogram;
import java.math.BigDecimal;

/** A page in Prometheus's text format, version 0.0.4. Takes any name: etcd has gauges in _total. */
final class Exposition {
  enum Type {
    COUNTER,
    GAUGE,
    HISTOGRAM
  }

  /** From here on Go writes a float with an exponent, and below {@link #SMALL}. */
  private static final int LARGE_EXPONENT = 6;

  private static final int SMALL = -4;

  private final StringBuilder page = new StringBuilder(1 << 16);
  private String name;

  /** Begins a family; its values follow. */
  Exposition family(Type type, String family, String help) {
    name = family;
    page.append("# HELP ").append(name).append(' ').append(help).append('\n');
    page.append("# TYPE ").append(name).append(' ');
    page.append(type.name().toLowerCase(java.util.Locale.ROOT)).append('\n');
    return this;
  }

  Exposition value(long value, String... labels) {
    return line("", labels(labels), Long.toString(value));
  }

  Exposition value(double value, String... labels) {
    return line("", labels(labels), Double.toString(value));
  }

  Exposition value(Histogram.Snapshot values, String... labels) {
    var own = labels(labels);
    var before = own.isEmpty() ? "" : own + ',';
    for (int i = 0; i < values.bounds().length; i++) {
      line("_bucket", before + "le=\"" + number(values.bounds()[i]) + '"', values.cumulative()[i]);
    }
    line("_bucket", before + "le=\"+Inf\"", values.count());
    line("_sum", own, Double.toString(values.sum()));
    return line("_count", own, values.count());
  }

  void counter(String family, String help, long value) {
    family(Type.COUNTER, family, help).value(value);
  }

  void gauge(String family, String help, long value) {
    family(Type.GAUGE, family, help).value(value);
  }

  void histogram(String family, String help, Histogram histogram) {
    family(Type.HISTOGRAM, family, help).value(histogram.snapshot());
  }

  private Exposition line(String suffix, String labels, long value) {
    return line(suffix, labels, Long.toString(value));
  }

  private Exposition line(String suffix, String labels, String value) {
    page.append(name).append(suffix);
    if (!labels.isEmpty()) {
      page.append('{').append(labels).append('}');
    }
    page.append(' ').append(value).append('\n');
    return this;
  }

  /** Names and values by turns. */
  private static String labels(String... labels) {
    var text = new StringBuilder();
    for (int i = 0; i < labels.length; i += 2) {
      text.append(i == 0 ? "" : ",").append(labels[i]).append("=\"");
      text.append(labels[i + 1].replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"));
      text.append('"');
    }
    return text.toString();
  }

  /** As Go writes it: a bound is a label, and labels are compared as text. */
  static String number(double value) {
    var exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    int exponent = exact.precision() - exact.scale() - 1;
    if (exponent >= SMALL && exponent < LARGE_EXPONENT) {
      return exact.toPlainString();
    }
    var digits = exact.unscaledValue().toString();
    var fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
    return "%s%se%s%02d"
        .formatted(digits.charAt(0), fraction, exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  /** The page so far. */
  String text() {
    return page.toString();
  }
}
